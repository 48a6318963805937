/** What a run is to do, and how it is to do it; where, and with which cache, is the project's (project.ts). */
import { availableParallelism } from 'node:os'
import type { Emit } from './events.ts'
import type { WorkflowRequest } from './load/find-workflow.ts'
import type { Terminal } from './runners/local-job.ts'
import type { Runner } from './runners/runner.ts'
import type { SandboxRunner } from './sandbox-runner.ts'

export interface WhatToRun {
  readonly workflow: WorkflowRequest
  /** Only these tasks, what they need, and what cleans up after them. */
  readonly only?: readonly string[]
  readonly force?: boolean
  readonly forceTasks?: readonly string[]
}

export interface HowToRun {
  readonly dryRun?: boolean
  /** A dry run runs fingerprint commands, too; else nothing of the project. */
  readonly runFingerprints?: boolean
  readonly keepGoing?: boolean
  /** Files at outputs are replaced, also those that no run made. */
  readonly adopt?: boolean
  /** The size of the pool `cpu`; default: the machine's cores. */
  readonly concurrency?: number
  /** Sizes of the other pools; a pool that is not here has the size 1. */
  readonly pools?: Readonly<Record<string, number>>
  /** Clean-up tasks do not run: always, or only when something failed. */
  readonly keep?: boolean
  readonly keepOnFailure?: boolean
  /** Each executed `run` task gets a sandbox that shows declared inputs only. */
  readonly verifyInputs?: boolean
  /** Given to task types; never changes a result. */
  readonly settings?: ReadonlyMap<string, string>
  /** Who runs the tasks' programs; it may pass on to this machine what it does not take. Default: this machine. */
  readonly runner?: (thisMachine: Runner) => Runner
  /** Needed by `interactive:` tasks; absent where there is no terminal to give. */
  readonly terminal?: Terminal
  /** Needed by `sandbox:` tasks and verifyInputs. */
  readonly sandbox?: SandboxRunner
  /** First Ctrl-C: running tasks are ended, clean-up tasks still run. */
  readonly signal?: AbortSignal
  /** Second Ctrl-C: clean-up tasks are ended too. */
  readonly hardSignal?: AbortSignal
  readonly emit?: Emit
  /** Ready tasks start in an order shuffled by this seed (for tests that look for missing needs). */
  readonly shuffleSeed?: number
}

type Defaulted = 'concurrency' | 'pools' | 'settings' | 'signal' | 'hardSignal' | 'emit'
/** With the defaults in place. */
export type Manner = HowToRun & Required<Pick<HowToRun, Defaulted>>

const never = new AbortController().signal

export const withDefaults = (how: HowToRun): Manner => ({
  ...how,
  concurrency: Math.max(1, how.concurrency ?? availableParallelism()),
  pools: how.pools ?? {},
  settings: how.settings ?? new Map(),
  signal: how.signal ?? never,
  hardSignal: how.hardSignal ?? never,
  emit: how.emit ?? (() => {}),
})
