/** A run that was killed left a mark: its processes are ended, and its half-written files removed. */
import { join } from 'node:path'
import { removeTree } from '../../platform/files.ts'
import { tryLock } from '../../platform/lock.ts'
import { sweepLeftovers } from '../../platform/processes/leftovers.ts'
import { removeShortFolder, shortFolderOf } from '../runners/short-folder.ts'
import { ownNames } from '../store/cache-folder.ts'
import { storeLockFile, temporaryDir } from '../store/cache-layout.ts'
import { sweepStages } from '../store/stages.ts'
import type { PreparedRun } from './run-context.ts'
import type { RunLog } from './run-log.ts'

export async function cleanUpAfterKilledRun({ project, state, log }: PreparedRun): Promise<void> {
  const marker = state.marker()
  if (!marker) return
  log.warn(`The run ${marker.run} was killed; cleaning up what it left`)
  const short = shortFolderOf(state.temporaryPrefix)
  const gone = [
    await sweepLeftovers(`${short.link}/`, marker.guard),
    await sweepLeftovers(state.temporaryPrefix, marker.guard),
  ].every(Boolean)
  removeShortFolder(short)
  if (!gone) log.warn(`Some processes of the run ${marker.run} do not end`)
  removeTree(state.temporaryPrefix)
  sweepStages(project)
  sweepTemporaryFiles(project.cacheDir, log)
}

/** Only while nobody else uses the store, whose files these may be. */
function sweepTemporaryFiles(cacheDir: string, log: RunLog): void {
  const lock = tryLock(storeLockFile(cacheDir), 'exclusive')
  if (!lock) return
  try {
    for (const name of ownNames(cacheDir, 'tmp')) removeTree(join(temporaryDir(cacheDir), name))
  } catch {
    log.warn(`Cannot remove what a killed run left in ${temporaryDir(cacheDir)}`)
  } finally {
    lock.release()
  }
}
