/** What a scenario is, what it needs to run, and what comes of it. */
import type { Timers } from '../../cluster/timers.ts'
import type { Cluster } from '../../drivers/driver.ts'
import type { Failure } from '../../platform/failure.ts'
import type { ProbeName } from '../probes/probe-names.ts'
import type { StartProbes } from '../probes/probes.ts'
import type { ScenarioRecord } from '../record/record.ts'
import type { TellScenario } from '../record/scenario-events.ts'
import type { Budgets } from '../verdict/budgets.ts'
import type { Step } from './steps.ts'

export interface Scenario {
  readonly name: string
  readonly description: string
  readonly steps: readonly Step[]
  /** Empty: none, and then nothing but the steps is judged. */
  readonly probes: readonly ProbeName[]
  /** How long a read or a write of a client waits for its answer. */
  readonly clientTimeoutMs: number
  readonly budgets: Budgets
  /** Services that may end on VMs that no fault hit, "kube-scheduler". */
  readonly mayRestart: readonly string[]
  /** Faults without which it is skipped. */
  readonly skipWithout: readonly string[]
}

export interface ScenarioOptions {
  readonly cluster: Cluster
  readonly scenario: Scenario
  readonly task: string
  readonly timers: Timers
  readonly driver: string
  readonly defect: string | null
  /** The version of Kubernetes that was wanted, when no place had it. */
  readonly insteadOf: string | null
  readonly seed: number
  /** How many times slower than a usual machine this one is. */
  readonly slowness: number
  /** Everything that the probes saw goes there, a line each. */
  readonly historyFile: string
  /** The most that a check waits, and that recovery may take, where it is known that something will not hold. */
  readonly giveUpAfterMs?: number
  readonly signal: AbortSignal
  readonly log: (line: string) => void
  /** Told what happens, as it happens, except how it ended. */
  readonly tell: TellScenario
  /** What measures: unless a test says otherwise, a program in the cluster's network. */
  readonly startProbes?: StartProbes
}

export interface Outcome {
  readonly record: ScenarioRecord
  /** What a user sees first: the first step that did not hold, or the verdict. */
  readonly failure?: Failure
}
