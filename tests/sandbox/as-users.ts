/** Runs sandboxes as root and as an ordinary user, in programs of their own. */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { Result } from '../../src/platform/result.ts'
import type { SandboxedCommand, SandboxedOutput } from '../../src/sandbox/run-sandboxed.ts'

const isRoot = process.getuid?.() === 0

/** nobody: has no file and no process of its own. */
const id = '65534'
const become = ['setpriv', `--reuid=${id}`, `--regid=${id}`, '--clear-groups']

export type User = 'root' | 'an ordinary user'

/** Those that this process can be. */
export const users: readonly User[] = isRoot ? ['root', 'an ordinary user'] : ['an ordinary user']

/** Why that user can have no sandbox on this machine, or false. */
export function noSandbox(user: User): string | false {
  if (user === 'root') return false
  const tried = spawnSync('unshare', ['--user', 'true'], isRoot ? { uid: Number(id), gid: Number(id) } : {})
  return tried.status === 0 ? false : 'ordinary users may make no user namespaces here'
}

/** All in the folder becomes the user's. */
export function giveTo(user: User, folder: string): void {
  if (isRoot && user !== 'root') spawnSync('chown', ['-R', `${id}:${id}`, folder])
}

/** `held`: an open file that the program inherits, as its descriptor 3. */
export async function runAs(user: User, command: SandboxedCommand, held?: number): Promise<Result<SandboxedOutput>> {
  giveTo(user, join(command.project.dir, '..'))
  return JSON.parse(await printedAs(user, [join(import.meta.dirname, 'run-command.ts'), JSON.stringify(command)], held))
}

/** What a program of ours prints. */
export async function printedAs(user: User, program: readonly string[], held?: number): Promise<string> {
  const argv = [process.execPath, ...program]
  const [file = '', ...args] = isRoot && user !== 'root' ? [...become, ...argv] : argv
  const child = spawn(file, args, { cwd: '/', stdio: ['ignore', 'pipe', 'inherit', held ?? 'ignore'] })
  const [printed] = await Promise.all([child.stdout ? text(child.stdout) : '', once(child, 'exit')])
  return printed
}

/** Fails the test when the sandbox itself fails. */
export async function outputAs(user: User, command: SandboxedCommand, held?: number): Promise<SandboxedOutput> {
  const result = await runAs(user, command, held)
  if (!result.ok) throw new Error(JSON.stringify(result.failure))
  return result.value
}

/** MAJOR.MINOR of the running kernel, as a number that can be compared: 6.12 is 6012. */
export function kernelVersion(): number {
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(readFileSync('/proc/sys/kernel/osrelease', 'utf8')) ?? []
  return Number(major) * 1000 + Number(minor)
}
