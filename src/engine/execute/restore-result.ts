/** Puts a result of the cache into the project; one of the shared cache becomes one of this machine first. */
import { storageProblem } from '../../platform/system-error.ts'
import { OutsideProject } from '../files/output-place.ts'
import { markParts } from '../plan/changes.ts'
import { noteOf } from '../plan/outcome.ts'
import type { Restore } from '../plan/settled.ts'
import { BlobProblem } from '../store/blob-store.ts'
import { outputsOf } from '../store/manifest.ts'
import { restoreOutputs } from '../store/restore-outputs.ts'
import type { Task } from '../workflow/workflow.ts'
import { clearOwnGlobbed } from './globbed-outputs.ts'
import type { RunContext } from './run-context.ts'

/** Undefined when it is restored, else what stood in the way. */
export async function restoreResult(task: Task, found: Restore, context: RunContext): Promise<string | undefined> {
  const { project, planner, results, state, places } = context
  const { record, manifest, print } = found
  const problem = await adopt(task, found, context)
  if (problem !== undefined) return problem
  const cache = await results.open()
  try {
    places.begin(task.outputs)
    clearOwnGlobbed(task, context)
    await restoreOutputs(manifest, { ...project, outputs: task.outputs, blobs: cache.blobs, index: state.index })
    places.end(task.outputs, outputsOf(manifest, task.outputs))
  } catch (error) {
    if (error instanceof OutsideProject || error instanceof BlobProblem) return error.message
    return storageProblem(error)
  }
  cache.touch(record.key)
  planner.settled(task, { digest: record.output })
  planner.remember(task, print, record)
  return undefined
}

/** Brings the blobs of a shared result, then its manifest and record. */
async function adopt(task: Task, { remote, print }: Restore, context: RunContext): Promise<string | undefined> {
  if (!remote) return undefined
  const { project, results, state, how } = context
  const cache = await results.open()
  const problem = await project.remote?.fetch(task, remote, { blobs: cache.blobs, signal: how.signal })
  if (problem !== undefined) return problem
  const { durationMs, sizeBytes, note } = remote.record
  const parts = markParts(print.parts, state.secret)
  try {
    await cache.put({ key: print.key, task: task.name, durationMs, sizeBytes, ...noteOf(note), parts }, remote.manifest)
  } catch (error) {
    return storageProblem(error)
  }
  results.addedBytes += sizeBytes
  return undefined
}
