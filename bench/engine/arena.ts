/** Where everything is measured: a file system, a home folder and a PATH that are the same for all. Gone at the end. */
import { mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Program } from '../measure.ts'
import { mountFreshDisk } from './fresh-disk.ts'

export interface Arena {
  readonly dir: string
  /** Of all programs: this Node first, and a home of their own, so that nothing is left in the user's. */
  readonly env: Readonly<Record<string, string>>
  /** A folder of this name, made when it is not there. */
  readonly folder: (name: string) => string
  /** A new one, whose name starts so. */
  readonly newFolder: (name: string) => string
  /** Out of the way, if it is there. Removing it would make the next files slow: see fresh-disk.ts. */
  readonly putAside: (path: string) => void
  /** Our engine, as users start it. */
  readonly flow: (projectDir: string, ...argv: readonly string[]) => Program
  readonly [Symbol.dispose]: () => void
}

const launcher = join(import.meta.dirname, '../../k8s-ha')

export function openArena(): Arena {
  const outside = mkdtempSync(join(tmpdir(), 'k8s-ha-bench-'))
  const dir = join(outside, 'disk')
  const disk = mountFreshDisk(dir)
  if (!disk.isOwn) process.stderr.write(`No file system of its own can be mounted: ${tmpdir()} is used\n`)
  const folder = (name: string) => {
    mkdirSync(join(dir, name), { recursive: true })
    return join(dir, name)
  }
  const path = `${dirname(process.execPath)}:${process.env.PATH ?? '/usr/bin:/bin'}`
  const env = { PATH: path, HOME: folder('home'), TMPDIR: folder('tmp'), LANG: 'C.UTF-8' }
  let [asides, folders] = [0, 0]
  const close = () => {
    disk[Symbol.dispose]()
    rmSync(outside, { recursive: true, force: true })
  }
  // Also when it is interrupted.
  process.once('exit', close)
  return {
    dir,
    env,
    folder,
    newFolder: name => folder(`${name.replaceAll(/[^A-Za-z0-9.]+/g, '-')}-${++folders}`),
    putAside: path => {
      try {
        renameSync(path, join(folder('aside'), String(++asides)))
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
      }
    },
    flow: (cwd, ...argv) => ({ argv: [launcher, 'flow', ...argv], cwd, env }),
    [Symbol.dispose]: () => {
      process.off('exit', close)
      close()
    },
  }
}

/** Of the engine's projects, as of a peer's. */
export const ours = { kept: ['cache'], tasksDir: '.' }
