/** Runs a program in this one's place. */
import { spawn } from 'node:child_process'
import { constants } from 'node:os'

export interface ForegroundOptions {
  readonly cwd?: string
  /** Ends it with SIGTERM. */
  readonly signal?: AbortSignal
  /** 0 or absent: no limit; then it is ended the same way. */
  readonly timeoutMs?: number
}

/** Same terminal, same streams. Resolves to its exit code. */
export function runInForeground(
  argv: readonly string[],
  env: Readonly<Record<string, string>>,
  { cwd, signal, timeoutMs = 0 }: ForegroundOptions = {},
): Promise<number> {
  const [file, ...args] = argv
  if (file === undefined) throw new Error('runInForeground needs a program')
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { env, stdio: 'inherit', ...(cwd === undefined ? {} : { cwd }) })
    // Ctrl-C is the program's own affair: it reaches both, and this one only waits.
    const ignore = () => {}
    const end = () => child.kill()
    const timer = timeoutMs > 0 ? setTimeout(end, timeoutMs) : undefined
    process.on('SIGINT', ignore)
    signal?.addEventListener('abort', end, { once: true })
    child.on('error', reject)
    child.on('close', (code, ended) => {
      clearTimeout(timer)
      process.off('SIGINT', ignore)
      signal?.removeEventListener('abort', end)
      resolve(code ?? 128 + (ended ? constants.signals[ended] : 0))
    })
  })
}
