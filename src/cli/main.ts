/** The program's first and last step: compiled code from the cache, then the command line, then the exit code. */
import { enableCompileCache } from 'node:module'
import { join } from 'node:path'

enableCompileCache(join(import.meta.dirname, 'compile-cache'))
process.on('uncaughtException', error => {
  const code = 'code' in error ? String(error.code) : ''
  if (/^E[A-Z0-9]+$/.test(code)) {
    process.stderr.write(`error: Cannot go on: ${error.message}\n`)
    process.exit(3)
  }
  process.stderr.write(
    `error: Internal error: ${error.stack ?? error.message}\n  try:   report this, with the command that you gave\n`,
  )
  process.exit(4)
})
const { runCli } = await import('./run-cli.ts')
process.exit(await runCli(process.argv.slice(2), code => process.exit(code)))
