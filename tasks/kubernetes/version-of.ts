/** The version of Kubernetes that a choice of programs means: as it is written, or as own programs say. */
import { join, resolve } from 'node:path'
import { defaultVersion, isVersion, newestKnown } from '../../src/cluster/kubernetes/versions.ts'
import type { TaskContext } from '../../src/engine/workflow/task-type.ts'
import { usage } from '../../src/platform/failure.ts'
import { runProcess } from '../../src/platform/processes/process.ts'
import { fail, ok, type Result } from '../../src/platform/result.ts'

export const isFolder = (kubernetes: string): boolean => /^\.{0,2}\//.test(kubernetes)

/** Undefined for a folder, whose programs say it when they are there. */
export function versionWritten(kubernetes: string): string | undefined {
  if (kubernetes === 'default') return defaultVersion
  return isVersion(kubernetes) ? kubernetes : undefined
}

/** Of programs that do not say it, the newest that is known: provide-kubernetes says what is wrong with them. */
export async function versionOf(
  kubernetes: string,
  { projectDir, signal, log }: Pick<TaskContext<unknown>, 'projectDir' | 'signal' | 'log'>,
): Promise<Result<string>> {
  const written = versionWritten(kubernetes)
  if (written !== undefined) return ok(written)
  if (!isFolder(kubernetes))
    return fail(
      usage(`Cannot configure Kubernetes "${kubernetes}": it is neither a version like ${defaultVersion} nor a folder`),
    )
  const program = join(resolve(projectDir, kubernetes), 'kubelet')
  const answer = await runProcess([program, '--version'], { signal, timeoutMs: 10_000 })
  const [, version] = /^Kubernetes v(\S+)/m.exec(answer.ok ? answer.value.stdout : '') ?? []
  if (version !== undefined && isVersion(version)) return ok(version)
  log(`${program} does not say its version: configured as Kubernetes ${newestKnown}`)
  return ok(newestKnown)
}
