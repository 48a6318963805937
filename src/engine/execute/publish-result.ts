/** Keeps what a task made, for the next run and for those who need it. */
import { failed } from '../../platform/failure.ts'
import { storageProblem } from '../../platform/files.ts'
import { fail, ok, type Result } from '../../platform/result.ts'
import { digestOfOutputs } from '../files/tree.ts'
import { compareParts, describeChanges, keepParts, markParts } from '../plan/changes.ts'
import type { Fingerprint } from '../plan/fingerprint.ts'
import { contentDigest } from '../store/manifest.ts'
import { today } from '../store/project-state.ts'
import { type StoredOutputs, storeOutputs } from '../store/store-outputs.ts'
import type { Task } from '../workflow/workflow.ts'
import { noteOf, type Performer, warn } from './run-context.ts'

/**
 * Stores what the task made, unless something that it depends on changed while it ran. Without a fingerprint nothing
 * is kept for later runs. The note of the task, or what it did not make.
 */
export async function publishResult(
  task: Task,
  print: Fingerprint | undefined,
  performer: Performer,
  made: { readonly note: string | undefined; readonly durationMs: number },
): Promise<Result<string | undefined>> {
  const { planner, state, options } = performer
  const stored = await storeWhatFits(task, performer, print !== undefined)
  if ('missing' in stored) return fail(failed(`Task "${task.name}" did not make its output "${stored.missing}"`))
  if ('special' in stored)
    return fail(failed(`Task "${task.name}" made "${stored.special}", which is neither file, folder nor link`))
  planner.outputs.set(task.name, contentDigest(stored.manifest))
  if (!print) return ok(made.note)
  const changed = await changedMeanwhile(task, print, performer)
  if (changed !== undefined || !stored.kept) {
    state.delete(task)
    if (changed !== undefined) warn(task, `its result is not kept: ${changed} while it ran`, performer)
    return ok(made.note)
  }
  const cache = await planner.cache()
  try {
    const note = noteOf(made.note)
    const record = await cache.put(
      {
        key: print.key,
        task: task.name,
        durationMs: made.durationMs,
        sizeBytes: stored.sizeBytes,
        ...note,
        parts: markParts(print.parts, state.secret),
      },
      stored.manifest,
    )
    performer.stored += stored.sizeBytes
    state.set(task, { key: print.key, output: record.output, day: today(), ...note })
    if (options.remote && !(await planner.staysLocal(task)))
      options.remote.upload(task, { record, manifest: stored.manifest, blobs: cache.blobs })
  } catch (error) {
    state.delete(task)
    warn(task, `its result is not kept in ${options.cacheDir}: ${storageProblem(error)}`, performer)
  }
  return ok(made.note)
}

type Stored =
  | Exclude<StoredOutputs, { readonly manifest: unknown }>
  | (Extract<StoredOutputs, { readonly manifest: unknown }> & { readonly kept: boolean })

/** When the store takes no more, the task has still run: those who need it go on. */
async function storeWhatFits(task: Task, performer: Performer, wanted: boolean): Promise<Stored> {
  const { options, planner, state } = performer
  const { blobs } = await planner.cache()
  const store = (into: boolean) =>
    storeOutputs({ projectDir: options.projectDir, outputs: task.outputs, index: state.index, blobs, store: into })
  try {
    const stored = await store(wanted)
    return 'manifest' in stored ? { ...stored, kept: wanted } : stored
  } catch (error) {
    warn(task, `its result is not kept in ${options.cacheDir}: ${storageProblem(error)}`, performer)
    const stored = await store(false)
    return 'manifest' in stored ? { ...stored, kept: false } : stored
  }
}

/** What changed, by name; undefined when nothing did. */
async function changedMeanwhile(
  task: Task,
  print: Fingerprint,
  { planner, state, options, taskOf }: Performer,
): Promise<string | undefined> {
  const tools = print.parts.filter(([kind]) => kind === 'tool')
  const after = await planner.fingerprint(task, tools)
  if ('failure' in after) return after.failure.message
  if (after.fingerprint.key !== print.key) {
    const secret = 'the comparison stays in memory'
    return describeChanges(compareParts(keepParts(print.parts, secret), keepParts(after.fingerprint.parts, secret)))
  }
  for (const name of task.needs) {
    const need = taskOf(name)
    if (!need || need.outputs.length === 0) continue
    const output = await digestOfOutputs(options.projectDir, need.outputs, state.index)
    if (output !== planner.outputs.get(name)) return `output of ${name} changed`
  }
  return undefined
}
