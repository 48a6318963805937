/** Sandboxed tasks of workflows, run by src/sandbox. */
import type { SandboxRunner } from '../engine/sandbox-runner.ts'
import { environment } from '../platform/failure.ts'
import { fail } from '../platform/result.ts'

export const engineSandbox: SandboxRunner = {
  run: async request => fail(environment(`Cannot run task "${request.task}" in a sandbox: to be wired`)),
}
