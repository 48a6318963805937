/** From what was found to the record of a scenario, with its verdict and the reasons. */
import { now, timestamp } from '../../platform/clock.ts'
import { type Failure, failed } from '../../platform/failure.ts'
import { versionsChanged, versionsOf } from '../ask/versions.ts'
import { frequentErrors } from '../logs/frequent-errors.ts'
import { logTails } from '../logs/log-tails.ts'
import { type ClusterFacts, recordFormat, type ScenarioRecord } from '../record/record.ts'
import { measureAll } from '../verdict/budgets.ts'
import type { Findings } from '../verdict/findings.ts'
import { judgeInvariants } from '../verdict/invariants.ts'
import { withKnownFaults } from '../verdict/known-faults.ts'
import { reasonsOf } from '../verdict/reasons.ts'
import { lateMs, tooSlow } from '../verdict/too-slow.ts'
import type { Journal } from './journal.ts'
import type { Outcome, ScenarioOptions } from './scenario-options.ts'

export interface Before {
  /** Of the programs that ran then, where steps change that. */
  readonly versionsBefore: Readonly<Record<string, string>>
}

export interface Ended {
  readonly findings: Findings
  readonly failure?: Failure
}

export async function judge(
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
    cluster: factsOf(options, versions),
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

type About = Pick<ScenarioOptions, 'cluster' | 'driver' | 'defect' | 'insteadOf'>

function factsOf({ cluster, driver, defect, insteadOf }: About, versions: ClusterFacts['versions']): ClusterFacts {
  const { name, spec } = cluster
  const { family, topology, vips } = spec
  const vms = spec.vms.map(one => ({ id: one.id, name: one.name, roles: one.roles }))
  return { name, driver, family, topology, vms, vips, versions, defect, insteadOf }
}

/** The record of a scenario that did not begin, because an earlier one is to blame for what it would find. */
export async function unjudged(options: ScenarioOptions, because: string): Promise<Outcome> {
  const { cluster, scenario, timers, signal } = options
  const reasons = [`unwell-before: ${because}`]
  const record: ScenarioRecord = {
    ...{ format: recordFormat, scenario: scenario.name, description: scenario.description, task: options.task },
    ...{ verdict: signal.aborted ? 'interrupted' : 'not judged', reasons, startedAt: timestamp(), tookMs: 0 },
    ...{ seed: options.seed, cluster: factsOf(options, await versionsOf(cluster, signal)), timers },
    ...{ steps: [], faults: [], probes: [], measures: [], vip: [], raft: null, leases: [], nodes: [], watch: null },
    ...{ invariants: [], lostWrites: null, recoveryMs: null, probeCost: null, cpuWait: null, lateMs: null },
    ...{ slowness: options.slowness, logs: await logTails(cluster, vm => because.includes(vm)) },
  }
  return {
    record,
    failure: failed(`Not judged: the cluster was not well before the scenario "${scenario.name}"`, {
      last: because,
      try: 'look at the first scenario that failed; --set not-judged=pass lets the run pass in spite of this one',
    }),
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

/** What a user sees first, of a scenario that did not pass. */
export function failureOf(record: Judged, failure: Failure | undefined) {
  if (record.verdict === 'passed') return {}
  if (failure !== undefined) return { failure }
  const [first = '', ...more] = record.reasons
  if (record.verdict === 'not judged') return { failure: notJudged(record, [first, ...more]) }
  return { failure: failed(`The scenario "${record.scenario}" failed: ${first}`, { last: more.join('\n') }) }
}
