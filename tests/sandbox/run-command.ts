/** A program that runs a sandbox and prints what came of it, as JSON; argument: the sandboxed command, as JSON. */
import { runSandboxed, type SandboxedCommand } from '../../src/sandbox/run-sandboxed.ts'

const command: SandboxedCommand = JSON.parse(process.argv[2] ?? '')
process.stdout.write(JSON.stringify(await runSandboxed(command)))
