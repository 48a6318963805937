/** Everything that a task needs from its run. */
import type { Planner } from '../plan/planner.ts'
import type { Standing } from '../plan/standing.ts'
import type { Project } from '../project.ts'
import type { Manner } from '../run-options.ts'
import type { Runner } from '../runners/runner.ts'
import type { MadePlaces } from '../store/made-places.ts'
import type { ProjectState } from '../store/project-state.ts'
import type { Results } from '../store/results.ts'
import type { Pools } from './pools.ts'
import type { RunLog } from './run-log.ts'
import type { Selection } from './selection.ts'

/** A run before it starts anything: all that its first look needs. */
export interface PreparedRun {
  readonly project: Project
  readonly selection: Selection
  readonly how: Manner
  readonly state: ProjectState
  readonly results: Results
  readonly planner: Planner
  readonly standing: Standing
  readonly log: RunLog
}

/** Made once, in execute.ts. */
export interface RunContext extends PreparedRun {
  readonly runner: Runner
  readonly pools: Pools
  readonly places: MadePlaces
}
