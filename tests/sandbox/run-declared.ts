/** A program that runs a declared command and prints the report, as JSON; argument: the command without functions, as JSON. */
import { type DeclaredRun, runDeclared } from '../../src/sandbox/run-declared.ts'

const run: DeclaredRun = JSON.parse(process.argv[2] ?? '')
const report = await runDeclared({ ...run, signal: new AbortController().signal, onBytes: () => undefined })
process.stdout.write(JSON.stringify(report))
