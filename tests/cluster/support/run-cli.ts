/** Runs the program as a user does, from the checkout, on the cache that the environment names, else the checkout's own. */
import { type ChildProcess, spawn } from 'node:child_process'
import { join, resolve } from 'node:path'

export const checkout = join(import.meta.dirname, '../../..')

/** For projects elsewhere, which share its builds. */
export const cacheDir = resolve(checkout, process.env.K8S_HA_CACHE_DIR || 'cache')

export interface CliRun {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

export interface StartOptions {
  /** For tests that kill it; otherwise it ends with the tests when these are interrupted. */
  readonly ownGroup?: boolean
}

export function startCli(argv: readonly string[], { ownGroup = false }: StartOptions = {}): ChildProcess {
  return spawn(join(checkout, 'k8s-ha'), argv, { cwd: checkout, stdio: ['ignore', 'pipe', 'pipe'], detached: ownGroup })
}

export function runCli(argv: readonly string[]): Promise<CliRun> {
  return new Promise((resolve, reject) => {
    const child = startCli(argv)
    let stdout = ''
    let stderr = ''
    child.stdout?.setEncoding('utf8').on('data', text => (stdout += text))
    child.stderr?.setEncoding('utf8').on('data', text => (stderr += text))
    child.on('error', reject)
    child.on('close', code => resolve({ exitCode: code ?? -1, stdout, stderr }))
  })
}

/** For messages of assertions: what the user saw. */
export const shown = ({ exitCode, stdout, stderr }: CliRun): string => `exit code ${exitCode}\n${stdout}${stderr}`
