/** Keeps what a task made, for the next run and for those who need it. */
import { failed } from '../../platform/failure.ts'
import { done, fail, type Result } from '../../platform/result.ts'
import { storageProblem } from '../../platform/system-error.ts'
import { changedMeanwhile } from '../plan/changed-meanwhile.ts'
import { markParts } from '../plan/changes.ts'
import type { Fingerprint } from '../plan/fingerprint.ts'
import { noteOf } from '../plan/outcome.ts'
import { contentDigest, outputsOf } from '../store/manifest.ts'
import { type StoredOutputs, storeOutputs } from '../store/store-outputs.ts'
import { isOutputGlob } from '../workflow/output-globs.ts'
import type { Task } from '../workflow/workflow.ts'
import { sharedFile } from './globbed-outputs.ts'
import type { RunContext } from './run-context.ts'

export interface Made {
  readonly print: Fingerprint | undefined
  /** The task's own note for the summary. */
  readonly note?: string
  /** It is not to be kept. */
  readonly onlyNow: boolean
  readonly durationMs: number
}

/**
 * Stores what the task made, unless something that it depends on changed while it ran. Without a fingerprint nothing
 * is kept for later runs, nor of what is good for this run alone. A failure: what it did not make.
 */
export async function publishResult(task: Task, context: RunContext, made: Made): Promise<Result<void>> {
  const { print } = made
  const stored = await storeWhatFits(task, context, print !== undefined && !made.onlyNow)
  if ('missing' in stored) return fail(failed(notMade(task, stored.missing)))
  if ('special' in stored)
    return fail(failed(`Task "${task.name}" made "${stored.special}", which is neither file, folder nor link`))
  if ('outside' in stored) return fail(failed(`Task "${task.name}" made nothing to keep: ${stored.outside}`))
  const shared = sharedFile(task, context)
  if (shared) return fail(shared)
  context.places.end(task.outputs, outputsOf(stored.manifest, task.outputs))
  if (stored.program !== undefined)
    context.log.warn(`the set-user-id or set-group-id bit of "${stored.program}" is not kept`, task.name)
  context.planner.settled(task, { digest: contentDigest(stored.manifest) })
  if (print) await keepResult(task, context, { ...made, print, stored })
  return done
}

const notMade = ({ name }: Task, output: string): string =>
  isOutputGlob(output)
    ? `Task "${name}" made nothing that its output "${output}" matches`
    : `Task "${name}" did not make its output "${output}"`

type StoredResult = Extract<StoredOutputs, { readonly manifest: unknown }> & { readonly kept: boolean }
type Stored = Exclude<StoredOutputs, { readonly manifest: unknown }> | StoredResult

async function keepResult(
  task: Task,
  context: RunContext,
  { print, note, durationMs, stored }: Made & { readonly print: Fingerprint; readonly stored: StoredResult },
): Promise<void> {
  const { project, planner, results, state, log } = context
  const changed = await changedMeanwhile(task, print, planner)
  if (changed !== undefined) log.warn(`its result is not kept: ${changed} while it ran`, task.name)
  if (changed !== undefined || !stored.kept) return planner.forget(task)
  const { manifest, sizeBytes } = stored
  const cache = await results.open()
  try {
    const parts = markParts(print.parts, state.secret)
    const record = await cache.put(
      { key: print.key, task: task.name, durationMs, sizeBytes, ...noteOf(note), parts },
      manifest,
    )
    results.addedBytes += sizeBytes
    planner.remember(task, print, record)
    if (project.remote && !(await planner.staysLocal(task)))
      project.remote.upload(task, { record, manifest, blobs: cache.blobs })
  } catch (error) {
    planner.forget(task)
    log.warn(`its result is not kept in ${project.cacheDir}: ${storageProblem(error)}`, task.name)
  }
}

/** When the store takes no more, the task has still run: those who need it go on. */
async function storeWhatFits(task: Task, context: RunContext, wanted: boolean): Promise<Stored> {
  const { project, results, state, log } = context
  const { blobs } = await results.open()
  const store = (into: boolean) =>
    storeOutputs({ projectDir: project.projectDir, outputs: task.outputs, index: state.index, blobs, store: into })
  try {
    const stored = await store(wanted)
    return 'manifest' in stored ? { ...stored, kept: wanted } : stored
  } catch (error) {
    log.warn(`its result is not kept in ${project.cacheDir}: ${storageProblem(error)}`, task.name)
    const stored = await store(false)
    return 'manifest' in stored ? { ...stored, kept: false } : stored
  }
}
