/** What a run lends to each of its tasks. */

import { timestamp } from '../platform/clock.ts'
import type { Shells } from '../platform/shells.ts'
import type { Emit } from './events.ts'
import type { Planner } from './planner.ts'
import type { RunOptions } from './project.ts'
import type { ProjectState } from './project-state.ts'
import type { RunLog } from './run-log.ts'
import type { TemporaryFolders } from './temporary-folders.ts'
import type { Task } from './workflow.ts'

export interface Performer {
  readonly options: RunOptions
  readonly planner: Planner
  readonly state: ProjectState
  readonly log: RunLog
  readonly shells: Shells
  readonly folders: TemporaryFolders
  readonly tell: Emit
  readonly taskOf: (name: string) => Task | undefined
  readonly signal: AbortSignal
  readonly hardSignal: AbortSignal
  /** Bytes that this run put into the store. */
  stored: number
}

export const noteOf = (note: string | undefined) => (note === undefined ? {} : { note })

export function warn(task: Task, text: string, { tell }: Performer): void {
  tell({ type: 'warning', task: task.name, text, at: timestamp() })
}
