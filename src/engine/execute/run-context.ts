/** What a run lends to each of its tasks. */
import type { Tell } from '../events.ts'
import type { Planner } from '../plan/planner.ts'
import type { RunOptions } from '../project.ts'
import type { Programs } from '../runners/programs.ts'
import type { ProjectState } from '../store/project-state.ts'
import type { Task, Workflow } from '../workflow/workflow.ts'
import type { RunLog } from './run-log.ts'
import type { Ended } from './run-summary.ts'

export interface Performer {
  readonly options: RunOptions
  readonly planner: Planner
  readonly state: ProjectState
  readonly log: RunLog
  readonly tell: Tell
  readonly taskOf: (name: string) => Task | undefined
  readonly signal: AbortSignal
  readonly hardSignal: AbortSignal
  /** Bytes that this run put into the store. */
  stored: number
  /** There from the first task's program on. */
  programs: Promise<Programs> | undefined
}

/** Loaded and started with the first call: a run that only restores needs none of it. */
export function programsOf(performer: Performer): Promise<Programs> {
  performer.programs ??= import('../runners/programs.ts').then(({ startPrograms }) => startPrograms(performer))
  return performer.programs
}

export async function closePrograms({ programs }: Performer): Promise<void> {
  const started = await programs?.catch(() => undefined)
  await started?.close()
}

export const noteOf = (note: string | undefined) => (note === undefined ? {} : { note })

export function warn(task: Task, text: string, { tell }: Performer): void {
  tell({ type: 'warning', task: task.name, text })
}

export interface Execution {
  readonly options: RunOptions
  readonly workflow: Workflow
  readonly tasks: readonly Task[]
  readonly planner: Planner
  readonly state: ProjectState
  readonly log: RunLog
  readonly ended: Map<string, Ended>
}
