/** Sandboxed tasks of workflows, run by src/sandbox. */
import type { SandboxRunner } from '../engine/sandbox-runner.ts'
import { runDeclared } from '../sandbox/run-declared.ts'

export const engineSandbox: SandboxRunner = { run: runDeclared }
