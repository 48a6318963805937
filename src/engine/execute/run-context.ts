/** What a run lends to each of its tasks. */
import type { Tell } from '../events.ts'
import type { Planner } from '../plan/planner.ts'
import type { Standing } from '../plan/standing.ts'
import type { RunOptions } from '../project.ts'
import type { Programs } from '../runners/programs.ts'
import type { ProjectState } from '../store/project-state.ts'
import type { Results } from '../store/results.ts'
import type { Task, Workflow } from '../workflow/workflow.ts'
import type { RunLog } from './run-log.ts'

export interface Performer {
  readonly options: RunOptions
  readonly planner: Planner
  readonly standing: Standing
  readonly results: Results
  readonly state: ProjectState
  readonly log: RunLog
  readonly tell: Tell
  readonly signal: AbortSignal
  readonly hardSignal: AbortSignal
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

export interface Execution {
  readonly options: RunOptions
  readonly workflow: Workflow
  readonly tasks: readonly Task[]
  readonly planner: Planner
  readonly standing: Standing
  readonly results: Results
  readonly state: ProjectState
  readonly log: RunLog
}
