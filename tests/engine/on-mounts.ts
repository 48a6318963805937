/** Runs a program where some folders are mounts of their own, all of one file system, as volumes of CI and containers are. */
import { type SpawnOptions, spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'

/** Why such mounts cannot be made here. */
export const noMounts = process.getuid?.() === 0 ? false : 'needs root'

const bindEach = 'while [ "$1" != -- ]; do mount --bind "$1" "$1"; shift; done; shift; exec "$@"'

/** The mounts are gone when the program ends. */
export function startOnMounts(folders: readonly string[], argv: readonly string[], options: SpawnOptions = {}) {
  const enter = ['--mount', '--propagation', 'private', '--', 'bash', '-euc', bindEach, 'on-mounts']
  return spawn('unshare', [...enter, ...folders, '--', ...argv], { stdio: ['ignore', 'pipe', 'inherit'], ...options })
}

/** What it printed; fails the test when it failed. */
export async function runOnMounts(folders: readonly string[], argv: readonly string[]): Promise<string> {
  const child = startOnMounts(folders, argv)
  const code = new Promise<number | null>(resolve => child.on('close', resolve))
  const printed = child.stdout ? await text(child.stdout) : ''
  if ((await code) !== 0) throw new Error(`${argv.join(' ')} failed: ${printed}`)
  return printed
}
