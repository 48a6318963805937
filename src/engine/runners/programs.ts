/** What the programs of a run's tasks need while it lasts: a guard against a sudden end, waiting shells, TMPDIRs. */
import { makeFolder } from '../../platform/files.ts'
import { startGuard } from '../../platform/processes/guard.ts'
import { minimalEnv } from '../../platform/processes/process.ts'
import { watchGroups } from '../../platform/processes/process-group.ts'
import { Shells } from '../../platform/processes/shells.ts'
import type { ProjectState } from '../store/project-state.ts'
import { makeShortFolder, removeShortFolder, shortFolderOf } from './short-folder.ts'
import { TemporaryFolders } from './temporary-folders.ts'

export interface Programs {
  readonly shells: Shells
  readonly folders: TemporaryFolders
  /** The TMPDIR of every task starts with it. */
  readonly temporaryPrefix: string
  /** When none of them runs any more. */
  close(): Promise<void>
}

/** Every process that is started from now on ends with this one. Throws when the guard cannot be noted in the state. */
export function startPrograms(projectDir: string, state: ProjectState, run: string): Programs {
  const target = state.temporaryPrefix
  const short = shortFolderOf(target)
  const isShort = makeShortFolder(short, target)
  const temporaryPrefix = isShort ? `${short.link}/` : target
  const guard = startGuard(temporaryPrefix, isShort ? short : undefined)
  try {
    state.setMarker({ run, guard: guard.identity })
  } catch (error) {
    guard.dismiss()
    removeShortFolder(short)
    throw error
  }
  watchGroups(guard)
  const folders = new TemporaryFolders(() => {
    makeFolder(target)
    if (isShort) makeShortFolder(short, target)
  })
  const shells = new Shells(projectDir, { ...minimalEnv(), TMPDIR: `${temporaryPrefix}shell` })
  return {
    shells,
    folders,
    temporaryPrefix,
    async close() {
      watchGroups(undefined)
      await shells.close()
      folders.clear()
      removeShortFolder(short)
      guard.dismiss()
    },
  }
}
