/** What the programs of a run's tasks need while it lasts: a guard against a sudden end, waiting shells, TMPDIRs. */
import { startGuard } from '../../platform/processes/guard.ts'
import { minimalEnv } from '../../platform/processes/process.ts'
import { watchGroups } from '../../platform/processes/process-group.ts'
import { Shells } from '../../platform/processes/shells.ts'
import type { ProjectState } from '../store/project-state.ts'
import { TemporaryFolders } from './temporary-folders.ts'

export interface Programs {
  readonly shells: Shells
  readonly folders: TemporaryFolders
  /** When none of them runs any more. */
  close(): Promise<void>
}

/** Every process that is started from now on ends with this one. Throws when the guard cannot be noted in the state. */
export function startPrograms(projectDir: string, state: ProjectState, run: string): Programs {
  const guard = startGuard(state.temporaryPrefix)
  try {
    state.setMarker({ run, guard: guard.identity })
  } catch (error) {
    guard.dismiss()
    throw error
  }
  watchGroups(guard)
  const folders = new TemporaryFolders(state.temporaryPrefix)
  const shells = new Shells(projectDir, { ...minimalEnv(), TMPDIR: `${state.temporaryPrefix}shell` })
  return {
    shells,
    folders,
    async close() {
      watchGroups(undefined)
      await shells.close()
      folders.clear()
      guard.dismiss()
    },
  }
}
