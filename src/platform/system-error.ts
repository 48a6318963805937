/** What the system refused, in words that a user can act on: which path, why, and what mends it. */
import { lstatSync } from 'node:fs'
import { dirname } from 'node:path'
import { type Failure, type FailureKind, messageOf } from './failure.ts'

/** An error of a call to the system, as opposed to a bug: EACCES, ENOSPC, EMFILE … */
export interface SystemError extends Error {
  readonly code: string
  readonly path?: unknown
}

export const isSystemError = (error: unknown): error is SystemError =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' && /^E[A-Z0-9]+$/.test(error.code)

/** "the disk is full" for what users meet; else the system's own words. */
export function storageProblem(error: unknown): string {
  if (!isSystemError(error)) return messageOf(error)
  const { code } = error
  const path = pathOf(error)
  const named = path === undefined ? 'a file' : JSON.stringify(path)
  const words: Readonly<Record<string, () => string>> = {
    ENOSPC: () => 'the disk is full',
    EDQUOT: () => 'the disk is full',
    EACCES: () => `no permission for ${named}${ownerText(path)}`,
    EPERM: () => `no permission for ${named}${ownerText(path)}`,
    EROFS: () => `${named} is on a file system that is mounted read-only`,
    EBUSY: () => `${named} is a mount point, or in use`,
    ELOOP: () => `${named} leads in a circle of links`,
    EMFILE: () => 'too many files are open',
    ENFILE: () => 'too many files are open',
    ENOTDIR: () => `a part of ${named} is a file, not a folder`,
    EISDIR: () => `${named} is a folder`,
    ENAMETOOLONG: () => `the path ${shortened(named)} is longer than the system allows`,
    EIO: () => `the disk cannot read or write ${named}`,
  }
  return words[code]?.() ?? error.message
}

/** The command or change that mends it; undefined where nothing general can be said. */
export function storageAdvice(error: unknown): string | undefined {
  if (!isSystemError(error)) return undefined
  const path = pathOf(error)
  switch (error.code) {
    case 'EACCES':
    case 'EPERM':
      return path === undefined
        ? undefined
        : `sudo chown -R "$(id -u)" ${quoted(path)}   or give yourself the permission with chmod`
    case 'ENOSPC':
    case 'EDQUOT':
      return './k8s-ha cache prune --max-size 5GiB   or make room on the disk'
    case 'EROFS':
      return 'mount it writable, or use another folder (--cache-dir, --project)'
    case 'EBUSY':
      return path === undefined ? undefined : `umount ${quoted(path)}   and what is mounted below it`
    case 'EMFILE':
    case 'ENFILE':
      return 'ulimit -n 8192   or fewer tasks at once: --concurrency 2'
    default:
      return undefined
  }
}

/** `attempted`: "Cannot read the cache". Nothing for an error that is none of the system: a bug is thrown again. */
export function systemFailure(
  attempted: string,
  error: unknown,
  { kind = 'environment', ...more }: Partial<Omit<Failure, 'message' | 'try'>> & { readonly kind?: FailureKind } = {},
): Failure {
  if (!isSystemError(error)) throw error
  const advice = storageAdvice(error)
  const message = `${attempted}: ${storageProblem(error)}`
  return { kind, message, ...more, ...(advice === undefined ? {} : { try: advice }) }
}

function pathOf({ path }: SystemError): string | undefined {
  if (path instanceof Uint8Array) return Buffer.from(path).toString('utf8')
  return typeof path === 'string' ? path : undefined
}

/** ", which belongs to root": of the path, or of the nearest folder above it that can be looked at. */
function ownerText(path: string | undefined): string {
  if (path === undefined || process.getuid === undefined) return ''
  for (let at = path; ; at = dirname(at)) {
    try {
      const { uid } = lstatSync(at)
      if (uid === process.getuid()) return ''
      return `, ${at === path ? '' : `as ${JSON.stringify(at)} `}belongs to ${uid === 0 ? 'root' : `user ${uid}`}`
    } catch {
      if (at === dirname(at)) return ''
    }
  }
}

const quoted = (path: string): string => (/^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`)
const shortened = (text: string): string => (text.length > 100 ? `${text.slice(0, 99)}…"` : text)
