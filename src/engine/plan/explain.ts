/** Why a task must run or be restored: what changed since its last good result, by name. */
import { lstat } from '../files/lstat.ts'
import { globbedFiles } from '../files/output-files.ts'
import type { ProjectState, TaskState } from '../store/project-state.ts'
import type { ResultCache } from '../store/result-cache.ts'
import { placesAmong } from '../workflow/output-globs.ts'
import type { Task } from '../workflow/workflow.ts'
import { type Change, compareParts, describeChanges, keepParts, keyMark } from './changes.ts'
import type { Fingerprint } from './fingerprint.ts'

export interface Reason {
  readonly because: string
  readonly changes: readonly Change[]
}

/** Its fingerprint is another one than that of its last good result. */
export async function explainPrint(
  print: Fingerprint,
  state: ProjectState,
  { known, cache }: { readonly known: TaskState | undefined; readonly cache: ResultCache },
): Promise<Reason> {
  if (known?.failedKey === print.key) return { because: 'its last run failed', changes: [] }
  if (known?.key === undefined) return { because: 'no earlier result', changes: [] }
  const secret = state.knownSecret
  const record = await cache.get(known.key)
  const before = record?.parts
  if (!before || secret === undefined || before.by !== keyMark(secret)) {
    const what = cache.isDamaged(known.key) ? 'is damaged' : record ? 'cannot be compared here' : 'was pruned'
    return { because: `something changed; the record of its last result ${what}`, changes: [] }
  }
  const changes = compareParts(before.marks, keepParts(print.parts, secret))
  return { because: changes.length > 0 ? describeChanges(changes) : 'no earlier result', changes }
}

interface Disk {
  readonly projectDir: string
  /** What its last good result was, where globs are among the outputs and it is still known. */
  readonly made: readonly string[] | undefined
}

/** Its fingerprint is that of its last good result: the outputs are not as that left them, or it failed since. */
export function explainOutputs({ outputs }: Task, known: TaskState, { projectDir, made }: Disk): Reason {
  if (known.failedKey !== undefined && known.failedKey === known.key)
    return { because: 'its last run failed', changes: [] }
  const expected = made ?? placesAmong(outputs)
  const missing = expected.filter(output => !lstat(projectDir, output))
  const others = made ? globbedFiles(projectDir, outputs).filter(file => !made.includes(file)) : []
  const [names, change] =
    missing.length > 0
      ? ([missing, 'removed'] as const)
      : others.length > 0
        ? ([others, 'added'] as const)
        : ([outputs.filter(output => !output.startsWith('!')), 'changed'] as const)
  const changes = names.map(name => ({ kind: 'output' as const, name, change }) satisfies Change)
  return { because: describeChanges(changes).replace(/removed$/, 'is missing'), changes }
}
