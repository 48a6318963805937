/** What a run lends to each of its tasks. */
import type { Tell } from '../events.ts'
import type { Planner } from '../plan/planner.ts'
import type { Standing } from '../plan/standing.ts'
import type { RunOptions } from '../run-options.ts'
import type { Runner } from '../runners/runner.ts'
import type { ProjectState } from '../store/project-state.ts'
import type { Results } from '../store/results.ts'
import type { Task, Workflow } from '../workflow/workflow.ts'
import type { RunLog } from './run-log.ts'

export interface Performer {
  readonly options: RunOptions
  readonly workflow: Workflow
  readonly planner: Planner
  readonly standing: Standing
  readonly results: Results
  readonly state: ProjectState
  readonly log: RunLog
  readonly tell: Tell
  readonly signal: AbortSignal
  readonly hardSignal: AbortSignal
  readonly runner: Runner
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
