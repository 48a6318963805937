/** Starts programs that outlive this one. */
import { spawn } from 'node:child_process'
import { appendFileSync, closeSync, openSync } from 'node:fs'

export interface DetachedOptions {
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  /** Takes both streams; it grows, it is never truncated. */
  readonly log: string
}

/** The caller finds out whether it came up. */
export function startDetached(argv: readonly string[], { cwd, env, log }: DetachedOptions): void {
  const [file, ...args] = argv
  if (file === undefined) throw new Error('startDetached needs a program')
  const fd = openSync(log, 'a')
  // Not execa: its promise would keep this process waiting for the program's end.
  const child = spawn(file, args, { cwd, env, detached: true, stdio: ['ignore', fd, fd] })
  child.on('error', error => appendFileSync(log, `${error.message}\n`))
  child.unref()
  closeSync(fd)
}
