/** Files written so that no reader ever sees half of one, and sealed so that a damaged one is noticed. */
import { hash } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { namesIn, systemPath } from './file-names.ts'

let counter = 0

/** Unique on this machine among running processes, so that two writers never share a temporary file. */
export const temporaryName = (): string => `${process.pid}-${performance.timeOrigin.toString(36)}-${++counter}`

/** Writes by a temporary sibling and rename; makes the folder when it is missing. */
export function writeAtomically(path: string, data: string | Uint8Array, mode = 0o644): void {
  const temporary = `${path}.${temporaryName()}.tmp`
  try {
    try {
      writeFileSync(temporary, data, { mode, flag: 'wx' })
    } catch (error) {
      if (!isMissing(error)) throw error
      makeFolder(dirname(path))
      writeFileSync(temporary, data, { mode, flag: 'wx' })
    }
    renameSync(temporary, path)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw error
  }
}

/**
 * A folder with all above it, if it is not there. Not Node's own way, which tries for ever where the system says of a
 * folder below an existing one that it does not exist, as in /proc.
 */
export function makeFolder(path: string): void {
  // Asked first, as what is thrown costs many times as much.
  if (existsSync(path) && statSync(path).isDirectory()) return
  try {
    mkdirSync(path)
  } catch (error) {
    if (codeOf(error) === 'EEXIST' && statSync(path).isDirectory()) return
    if (codeOf(error) !== 'ENOENT' || existsSync(dirname(path))) throw error
    makeFolder(dirname(path))
    makeFolder(path)
  }
}

/** A digest, 64 hexadecimal digits, and the end of its line. */
const sealBytes = 65

/** Like writeAtomically, with a first line that holds the digest of the rest. */
export function writeSealed(path: string, text: string): void {
  // One piece of memory for the whole: a text can be large, and each further one is new pages.
  const bytes = Buffer.allocUnsafe(sealBytes + Buffer.byteLength(text))
  bytes.write(text, sealBytes)
  bytes.write(`${hash('sha256', bytes.subarray(sealBytes))}\n`, 'latin1')
  writeAtomically(path, bytes, 0o600)
}

/** Undefined when there is no such file, or when it is not what was written; then `onDamage` is told. */
export function readSealed(path: string, onDamage?: (path: string) => void): string | undefined {
  let bytes: Buffer
  try {
    // Asked first, as what is thrown costs many times as much, and most keys are new ones.
    if (!existsSync(path)) return undefined
    bytes = readFileSync(path)
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
  const body = bytes.subarray(sealBytes)
  if (bytes.toString('latin1', 0, sealBytes - 1) === hash('sha256', body)) return body.toString('utf8')
  onDamage?.(path)
  return undefined
}

/** All of them: a write may take fewer than it was given. */
export function writeAll(fd: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at)
}

export const isMissing = (error: unknown): boolean => codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR'

/** Undefined when what it reads is not there. Asked at once, not first whether it exists: it may go meanwhile. */
export function ifThere<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

/** The system's name for an error (`ENOSPC`), or nothing. */
export const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined

/** Removes a file, a link or a whole tree, also folders that their owner may not write. Never follows a link. */
export function removeTree(path: string): void {
  // The usual cases first: nothing, a file, an empty folder. rmSync takes many times as long for those.
  const stat = lstatSync(path, { throwIfNoEntry: false })
  if (!stat) return
  try {
    if (!stat.isDirectory()) unlinkSync(path)
    else if (readdirSync(path).length === 0) rmdirSync(path)
    else rmSync(path, { recursive: true, force: true })
  } catch (error) {
    if (codeOf(error) !== 'EACCES' && codeOf(error) !== 'EPERM') throw error
    makeWritable(path)
    rmSync(path, { recursive: true, force: true })
  }
}

function makeWritable(path: string): void {
  const stat = lstatSync(systemPath(path), { throwIfNoEntry: false })
  if (!stat?.isDirectory()) return
  chmodSync(systemPath(path), 0o700)
  for (const name of namesIn(path)) makeWritable(`${path}/${name}`)
}
