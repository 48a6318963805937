/** Runs the program as a user does, and gives back all that he would see. */
import { type ChildProcess, spawn } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export const launcher = join(import.meta.dirname, '../../k8s-ha')

/** Nothing of what the tests were started with, such as K8S_HA_CACHE_DIR, may change what the program does. */
export function userEnv(): { readonly [name: string]: string } {
  const { PATH = '', HOME = '/' } = process.env
  return { PATH, HOME, TMPDIR: tmpdir(), LANG: 'C.UTF-8' }
}

export interface Seen {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions {
  readonly program?: string
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  /** The machine's whole environment (certificates, proxies), for what uses the network. */
  readonly inherit?: true
}

export interface Started {
  readonly child: ChildProcess
  readonly ended: Promise<Seen>
  /** Resolves when stderr holds the text. */
  stderrHas(text: string): Promise<void>
}

export function start(argv: readonly string[], options: RunOptions = {}): Started {
  const child = spawn(options.program ?? launcher, argv, {
    cwd: options.cwd ?? tmpdir(),
    env: { ...(options.inherit ? process.env : {}), ...userEnv(), ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const seen = { stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    seen.stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    seen.stderr += text
  })
  const ended = new Promise<Seen>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', code => resolve({ code, ...seen }))
  })
  const stderrHas = (text: string) =>
    new Promise<void>((resolve, reject) => {
      const look = () => {
        if (seen.stderr.includes(text)) resolve()
      }
      child.stderr.on('data', look)
      child.on('close', () => reject(new Error(`It ended without printing "${text}":\n${seen.stderr}`)))
      look()
    })
  return { child, ended, stderrHas }
}

export const run = (argv: readonly string[], options: RunOptions = {}): Promise<Seen> => start(argv, options).ended
