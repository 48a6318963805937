/** The version of Kubernetes that the parameter `kubernetes` means: as it is written, or as own programs say. */
import { join, resolve } from 'node:path'
import { isVersion, newestKnown } from '../../src/cluster/kubernetes/versions.ts'
import type { TaskContext } from '../../src/engine/workflow/task-type.ts'
import { usage } from '../../src/platform/failure.ts'
import { runProcess } from '../../src/platform/processes/process.ts'
import { fail, ok, type Result } from '../../src/platform/result.ts'

export const isFolder = (kubernetes: string): boolean => /^\.{0,2}\//.test(kubernetes)

/** Of programs that do not say it, the newest that is known: provide-kubernetes says what is wrong with them. */
export async function versionOf(
  kubernetes: string,
  { projectDir, signal, log }: Pick<TaskContext<unknown>, 'projectDir' | 'signal' | 'log'>,
): Promise<Result<string>> {
  if (!isFolder(kubernetes))
    return isVersion(kubernetes)
      ? ok(kubernetes)
      : fail(usage(`Cannot configure Kubernetes "${kubernetes}": it is neither a version like 1.20.2 nor a folder`))
  const program = join(resolve(projectDir, kubernetes), 'kubelet')
  const answer = await runProcess([program, '--version'], { signal, timeoutMs: 10_000 })
  const [, version] = /^Kubernetes v(\S+)/m.exec(answer.ok ? answer.value.stdout : '') ?? []
  if (version !== undefined && isVersion(version)) return ok(version)
  log(`${program} does not say its version: configured as Kubernetes ${newestKnown}`)
  return ok(newestKnown)
}
