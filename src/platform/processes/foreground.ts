/** Runs a program in this one's place. */
import { spawn } from 'node:child_process'
import { constants } from 'node:os'

/** Same terminal, same streams. Resolves to its exit code. */
export function runInForeground(argv: readonly string[], env: Readonly<Record<string, string>>): Promise<number> {
  const [file, ...args] = argv
  if (file === undefined) throw new Error('runInForeground needs a program')
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { env, stdio: 'inherit' })
    // Ctrl-C is the program's own affair: it reaches both, and this one only waits.
    const ignore = () => {}
    process.on('SIGINT', ignore)
    child.on('error', reject)
    child.on('close', (code, signal) => {
      process.off('SIGINT', ignore)
      resolve(code ?? 128 + (signal ? constants.signals[signal] : 0))
    })
  })
}
