/**
 * A scenario on a running cluster: probes watch from before the first fault until after the heal; then what they found
 * is measured against the budgets, and judged by the invariants. Every VM is left running, however it ends.
 */

import type { Timers } from '../../cluster/timers.ts'
import type { Cluster } from '../../drivers/driver.ts'
import { monotonicMs, now, sleep, timestamp } from '../../platform/clock.ts'
import { cpuWaitMs } from '../../platform/cpu-wait.ts'
import { type Failure, failed } from '../../platform/failure.ts'
import { ok, type Result } from '../../platform/result.ts'
import { cacheChecksOf } from '../ask/cache-checks.ts'
import { inState } from '../ask/select-vms.ts'
import { versionsChanged, versionsOf } from '../ask/versions.ts'
import { healAll } from '../faults/heal-all.ts'
import { frequentErrors } from '../logs/frequent-errors.ts'
import { refusalsBetween, refusalsOf } from '../logs/handshake-refusals.ts'
import { logTails } from '../logs/log-tails.ts'
import { type Endings, endingsOf, restartsBetween } from '../logs/service-restarts.ts'
import type { ProbeName } from '../probes/probe-names.ts'
import { type Probes, type StartProbes, startProbes } from '../probes/probes.ts'
import { recordFormat, type ScenarioRecord } from '../record/record.ts'
import type { TellScenario } from '../record/scenario-events.ts'
import { type Budgets, measureAll } from '../verdict/budgets.ts'
import type { Findings } from '../verdict/findings.ts'
import { judgeInvariants } from '../verdict/invariants.ts'
import { withKnownFaults } from '../verdict/known-faults.ts'
import { reasonsOf } from '../verdict/reasons.ts'
import { lateMs, tooSlow } from '../verdict/too-slow.ts'
import { Journal } from './journal.ts'
import { mendFirst } from './mend-first.ts'
import { runSteps, type StepsContext } from './run-steps.ts'
import type { Step } from './steps.ts'
import { untilVmsAnswer, untilWell } from './well.ts'

export interface Scenario {
  readonly name: string
  readonly description: string
  readonly steps: readonly Step[]
  /** Empty: none, and then nothing but the steps is judged. */
  readonly probes: readonly ProbeName[]
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

/** Probes see the healthy cluster that long before the first step, and after all is well again. */
const calmMs = 1_000
/** Deadlines on a usual machine: the cluster's patience stretches them. */
const settleWithinMs = 20_000
const recoverWithinMs = 90_000
const healWithinMs = 60_000

/** A failure when it could not even begin; what a broken cluster does is an outcome. */
export async function runScenario(options: ScenarioOptions): Promise<Result<Outcome>> {
  const { cluster, scenario, timers, historyFile, signal, log, tell, seed, defect } = options
  const mended = await mendFirst({ cluster, timers, signal, log, withinMs: recoverWithinMs * cluster.patience })
  if (!mended.ok) return mended
  const versionsBefore = changesVersions(scenario.steps) ? await versionsOf(cluster, signal) : {}
  const startedAt = timestamp()
  const [startMs, waitedMs] = [monotonicMs(), cpuWaitMs()]
  const journal = new Journal({ originMs: monotonicMs(), log, tell })
  const { name, description } = scenario
  tell({ kind: 'scenario-began', data: { scenario: name, description, cluster: cluster.name, defect, seed } })
  const names = scenario.probes
  const probes = await (options.startProbes ?? startProbes)({
    ...{ cluster, names, historyFile, signal },
    onVipChange: change => journal.vipChanged(change),
  })
  if (!probes.ok) return probes
  try {
    const ended = await runProbed(options, journal, probes.value)
    const waited = cpuWaitMs()
    const cpuWait =
      waited === undefined || waitedMs === undefined ? null : (waited - waitedMs) / (monotonicMs() - startMs)
    const record = { ...(await judge(options, journal, { ...ended, versionsBefore })), startedAt, cpuWait }
    return ok({ record, ...failureOf(record, ended.failure) })
  } finally {
    await probes.value.abandon()
  }
}

interface Before {
  /** Of the programs that ran then, where steps change that. */
  readonly versionsBefore: Readonly<Record<string, string>>
}

const changesVersions = (steps: readonly Step[]): boolean =>
  steps.some(
    step => (step.kind === 'fault' && step.verb === 'upgrade') || (step.kind === 'each' && changesVersions(step.steps)),
  )

interface Ended {
  readonly findings: Findings
  readonly failure?: Failure
}

async function runProbed(options: ScenarioOptions, journal: Journal, probes: Probes): Promise<Ended> {
  const { cluster, scenario, signal, seed, giveUpAfterMs = Number.POSITIVE_INFINITY } = options
  const { patience } = cluster
  const context = { cluster, signal, journal, seed, giveUpAfterMs, writes: probes.writes }
  const settled = await probes.settled(settleWithinMs * patience)
  if (!settled.ok)
    journal.stepEnded('step', { step: 'probes', seen: lastOf(settled.failure), figure: null, holds: false, fromMs: 0 })
  const before = { endings: await endingsOf(cluster), refusals: await refusalsOf(cluster) }
  if (settled.ok) await sleep(calmMs, signal).catch(() => undefined)
  const outcome = settled.ok ? await runSteps(scenario.steps, context) : settled
  const died = await diedUnasked(cluster, journal)
  const brokenVms = new Set([...journal.faults.map(({ vm }) => vm), ...died])
  const healAt = journal.now()
  const vms = cluster.vms.filter(vm => brokenVms.has(vm.spec.name))
  const open = journal.faults.filter(({ toMs }) => toMs === null)
  // Also when the scenario was interrupted: a cluster that is kept must be whole.
  const healed = await healAll({ cluster, vms, signal: AbortSignal.timeout(healWithinMs * patience), open })
  for (const vm of cluster.vms) journal.faultsEnded(vm.spec.name)
  const wanted = { withinMs: Math.min(recoverWithinMs * patience, giveUpAfterMs), timers: options.timers }
  const untilAllIsWell = async (how: StepsContext) => (signal.aborted ? [] : untilWell(how, wanted))
  const untilAllAnswer = async () => (signal.aborted ? [] : untilVmsAnswer(context, wanted))
  // Where nothing was broken there is nothing to recover from, and looking at every service would disturb what is
  // probed.
  const recovered = brokenVms.size > 0 ? await untilAllIsWell(context) : undefined
  const recoveryMs = recovered?.length === 0 ? journal.now() - healAt : null
  await sleep(calmMs, signal).catch(() => undefined)
  const found = await probes.stop(journal.originMs, journal.faults)
  const unprobed = { ...context, writes: undefined }
  const unwell = [...(recovered ?? (await untilAllIsWell(unprobed))), ...(await untilAllAnswer())]
  const failure = [outcome, healed, found].find(one => one !== undefined && !one.ok)
  return {
    findings: {
      ...(found.ok ? found.value : nothingFound),
      began: settled.ok,
      tookMs: journal.now(),
      faults: journal.faults,
      healedAtMs: healAt,
      recoveryMs,
      restarts: await unexpectedRestarts(options, journal, before.endings),
      refusals: refusalsBetween(before.refusals, await refusalsOf(cluster)),
      cacheChecks: signal.aborted ? null : await cacheChecksOf(cluster, signal),
      died,
      unwell,
    },
    ...(failure && !failure.ok ? { failure: failure.failure } : {}),
  }
}

const lastOf = ({ message, last }: Failure): string => last ?? message

const nothingFound = {
  ...{ probes: [], vip: [], raft: null, leases: [], nodes: [], watch: null, probeCost: null, late: null },
  ...{ acknowledgedWrites: 0, lostWrites: [], silentMembers: [], orderViolations: [], hashes: [] },
}

/** A VM that is off although no step turned it off has failed, no matter what the checks saw. */
async function diedUnasked(cluster: Cluster, journal: Journal): Promise<readonly string[]> {
  const asked = journal.faults.filter(({ toMs }) => toMs === null).map(({ vm }) => vm)
  const off = await inState(cluster.vms, 'off')
  return off.map(vm => vm.spec.name).filter(name => !asked.includes(name))
}

async function unexpectedRestarts({ cluster, scenario }: ScenarioOptions, journal: Journal, before: Endings) {
  const hit = new Set(journal.faults.map(({ vm }) => vm))
  return restartsBetween(before, await endingsOf(cluster))
    .filter(({ vm, service }) => !hit.has(vm) && !scenario.mayRestart.includes(service))
    .map(({ vm, service }) => `${vm} ${service}`)
}

async function judge(
  options: ScenarioOptions,
  journal: Journal,
  { findings, failure, versionsBefore }: Ended & Before,
): Promise<Omit<ScenarioRecord, 'startedAt' | 'cpuWait'>> {
  const { cluster, scenario, timers, signal } = options
  const { spec } = cluster
  // What was measured before the steps began says nothing of them: "0 of 14.0 s" would look like a pass.
  const measures = findings.began ? measureAll(findings, scenario.budgets, timers, spec) : []
  const versions = versionsChanged(versionsBefore, await versionsOf(cluster, signal))
  const invariants = withKnownFaults(judgeInvariants(findings, spec), versions.etcd)
  const excuse =
    failure === undefined && invariants.every(({ holds }) => holds)
      ? tooSlow({ findings, measures: measures.filter(({ holds }) => !holds), slowness: options.slowness })
      : undefined
  const reasons = [...(excuse === undefined ? [] : [excuse]), ...reasonsOf({ failure, measures, invariants })]
  const judged = reasons.length === 0 ? 'passed' : excuse === undefined ? 'failed' : 'not judged'
  const hit = new Set(findings.faults.map(({ vm }) => vm))
  const sinceMs = now() - findings.tookMs
  const logged = judged === 'failed' ? await frequentErrors(cluster, { sinceMs, concerned: vm => !hit.has(vm) }) : []
  return {
    format: recordFormat,
    scenario: scenario.name,
    description: scenario.description,
    task: options.task,
    verdict: signal.aborted ? 'interrupted' : judged,
    reasons: [...reasons, ...logged.map(text => `logs: ${text}`)],
    tookMs: findings.tookMs,
    seed: options.seed,
    cluster: {
      name: cluster.name,
      driver: options.driver,
      family: spec.family,
      topology: spec.topology,
      vms: spec.vms.map(({ id, name, roles }) => ({ id, name, roles })),
      vips: spec.vips,
      versions,
      defect: options.defect,
      insteadOf: options.insteadOf,
    },
    timers,
    steps: journal.steps,
    faults: findings.faults,
    probes: findings.probes,
    measures,
    vip: findings.vip,
    raft: findings.raft,
    leases: findings.leases,
    nodes: findings.nodes,
    watch: findings.watch,
    invariants,
    lostWrites: knownLost(findings),
    recoveryMs: findings.recoveryMs,
    probeCost: findings.probeCost,
    lateMs: findings.late && lateMs(findings.late),
    slowness: options.slowness,
    logs:
      reasons.length === 0
        ? []
        : await logTails(cluster, vm => hit.has(vm) || reasons.some(reason => reason.includes(vm))),
  }
}

function knownLost({ acknowledgedWrites, lostWrites, silentMembers }: Findings): number | null {
  const isKnown = acknowledgedWrites > 0 && (lostWrites.length > 0 || silentMembers.length === 0)
  return isKnown ? lostWrites.length : null
}

const notJudged = ({ scenario, cpuWait }: Pick<ScenarioRecord, 'scenario' | 'cpuWait'>, reasons: readonly string[]) => {
  const waited = cpuWait === null ? [] : [`something waited for a CPU ${Math.round(cpuWait * 100)} % of the time`]
  return failed(`Not judged: the machine was too slow for the scenario "${scenario}"`, {
    last: [...reasons, ...waited].join('\n'),
    try: 'again with less other work on this machine; --set not-judged=pass lets the run pass',
  })
}

type Judged = Pick<ScenarioRecord, 'verdict' | 'scenario' | 'reasons' | 'cpuWait'>

function failureOf(record: Judged, failure: Failure | undefined) {
  if (record.verdict === 'passed') return {}
  if (failure !== undefined) return { failure }
  const [first = '', ...more] = record.reasons
  if (record.verdict === 'not judged') return { failure: notJudged(record, [first, ...more]) }
  return { failure: failed(`The scenario "${record.scenario}" failed: ${first}`, { last: more.join('\n') }) }
}
