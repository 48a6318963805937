/** The program's first and last step: compiled code from the cache, then the command line, then the exit code. */
import { enableCompileCache } from 'node:module'
import { join } from 'node:path'

enableCompileCache(join(import.meta.dirname, 'compile-cache'))
const { runCli } = await import('./run-cli.ts')
process.exit(await runCli(process.argv.slice(2), code => process.exit(code)))
