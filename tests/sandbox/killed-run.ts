/** A program that runs a sandbox, for the test that kills it: arguments are the sandboxed command as JSON. */
import { runSandboxed, type SandboxedCommand } from '../../src/sandbox/run-sandboxed.ts'

const command: SandboxedCommand = JSON.parse(process.argv[2] ?? '')
await runSandboxed({ ...command, onOutput: text => process.stdout.write(text) })
