/**
 * What got better or worse between two runs: differences are told, and marked only where chance does not explain
 * them.
 */
import type { Timers } from '../cluster/timers.ts'
import type { Measure, ScenarioRecord, Verdict } from '../ha/record/record.ts'
import { wasMeasured } from './scenario-figures.ts'

export type Change = 'better' | 'worse' | 'same'

export interface MeasureChange {
  readonly measure: string
  readonly unit: Measure['unit']
  readonly before: number
  readonly after: number
  readonly change: Change
  /**
   * Whether it has a budget in one of the runs: what has none is shown for information, and is never better or worse.
   */
  readonly judged: boolean
  /** A difference up to this may be chance; as large as the measure's unit says. */
  readonly threshold: number
}

export interface ScenarioChange {
  readonly task: string
  readonly before: Verdict
  readonly after: Verdict
  /** Of the verdict, or else of the measures; `mixed` when some are better and some worse. */
  readonly change: Change | 'mixed'
  readonly measures: readonly MeasureChange[]
}

export interface SettingChange {
  /** "cluster.versions.etcd", "timers.vrrp.advertIntervalMs" */
  readonly setting: string
  readonly before: string
  readonly after: string
  /** How many of the scenarios that both ran differ so. */
  readonly scenarios: number
}

export interface Comparison {
  readonly settings: readonly SettingChange[]
  readonly scenarios: readonly ScenarioChange[]
  readonly onlyBefore: readonly string[]
  readonly onlyAfter: readonly string[]
}

/** Records of two runs; scenarios are the same when their tasks have the same name. */
export function compareRuns(before: readonly ScenarioRecord[], after: readonly ScenarioRecord[]): Comparison {
  const pairs = before.flatMap(a => {
    const b = after.find(({ task }) => task === a.task)
    return b === undefined ? [] : [[a, b] as const]
  })
  const missing = (some: readonly ScenarioRecord[], others: readonly ScenarioRecord[]) =>
    some.filter(({ task }) => !others.some(other => other.task === task)).map(({ task }) => task)
  return {
    settings: settingChanges(pairs),
    scenarios: pairs.map(([a, b]) => compareScenario(a, b)),
    onlyBefore: missing(before, after),
    onlyAfter: missing(after, before),
  }
}

type Pair = readonly [ScenarioRecord, ScenarioRecord]

function settingChanges(pairs: readonly Pair[]): readonly SettingChange[] {
  const changes = new Map<string, SettingChange>()
  for (const [a, b] of pairs) {
    const [before, after] = [settingsOf(a), settingsOf(b)]
    for (const setting of new Set([...before.keys(), ...after.keys()])) {
      const [from, to] = [before.get(setting) ?? 'nothing', after.get(setting) ?? 'nothing']
      if (from === to) continue
      const key = JSON.stringify([setting, from, to])
      const scenarios = (changes.get(key)?.scenarios ?? 0) + 1
      changes.set(key, { setting, before: from, after: to, scenarios })
    }
  }
  return [...changes.values()]
}

/** Flat; the seed is left out: it is another each time. */
function settingsOf({ cluster, timers }: ScenarioRecord): ReadonlyMap<string, string> {
  const { vms, ...facts } = cluster
  const names = vms.map(({ name, roles }) => `${name} ${roles.join('+')}`).join(', ')
  return new Map([...flat('cluster', { ...facts, vms: names }), ...flat('timers', timers)])
}

function flat(path: string, value: unknown): readonly (readonly [string, string])[] {
  if (value instanceof Object && !Array.isArray(value))
    return Object.entries(value).flatMap(([name, inner]) => flat(`${path}.${name}`, inner))
  return [[path, Array.isArray(value) ? value.join(', ') : String(value ?? 'none')]]
}

const rank: Readonly<Record<Verdict, number | undefined>> = {
  passed: 1,
  caught: 1,
  failed: 0,
  interrupted: undefined,
  skipped: undefined,
  'not judged': undefined,
}

function compareScenario(a: ScenarioRecord, b: ScenarioRecord): ScenarioChange {
  const measures = a.measures.flatMap((before): MeasureChange[] => {
    const after = b.measures.find(({ measure }) => measure === before.measure)
    if (after === undefined || !wasMeasured(before) || !wasMeasured(after)) return []
    return [compareMeasure(before, after, [a.timers, b.timers])]
  })
  const [from, to] = [rank[a.verdict], rank[b.verdict]]
  const byVerdict = from === undefined || to === undefined ? 'same' : direction(from - to)
  const better = measures.some(({ change }) => change === 'better')
  const worse = measures.some(({ change }) => change === 'worse')
  const byMeasures = better && worse ? 'mixed' : better ? 'better' : worse ? 'worse' : 'same'
  return {
    task: a.task,
    before: a.verdict,
    after: b.verdict,
    change: byVerdict === 'same' ? byMeasures : byVerdict,
    measures,
  }
}

const direction = (difference: number): Change => (difference < 0 ? 'better' : difference > 0 ? 'worse' : 'same')

/** Of every measure, less is better. */
function compareMeasure(before: Measure, after: Measure, timers: readonly [Timers, Timers]): MeasureChange {
  const difference = after.measured - before.measured
  const threshold = thresholdOf(before, after, timers)
  const judged = before.limit !== null || after.limit !== null
  return {
    measure: before.measure,
    unit: before.unit,
    before: before.measured,
    after: after.measured,
    change: judged && Math.abs(difference) >= threshold ? direction(difference) : 'same',
    judged,
    threshold,
  }
}

export const leastMs = 250
export const leastShare = 0.2

/**
 * A fault falls anywhere between two adverts, checks or retries, so equal runs differ by up to one such interval;
 * beside that a busy machine adds its share.
 */
function thresholdOf(before: Measure, after: Measure, timers: readonly [Timers, Timers]): number {
  if (before.unit !== 'ms') return 1
  const larger = Math.max(before.measured, after.measured)
  const phases = [phaseOf(before, timers[0]), phaseOf(after, timers[1])]
  return Math.max(leastMs, leastShare * larger, ...phases)
}

const phases: Readonly<Record<string, (timers: Timers) => number>> = {
  'vip-move': ({ vrrp }) => vrrp.advertIntervalMs,
  'haproxy-down': ({ haproxyCheck }) => haproxyCheck.intervalMs,
  'backend-down': ({ apiCheck }) => apiCheck.interMs,
  'backend-without-etcd': ({ apiCheck }) => apiCheck.interMs,
  'lb-without-backends': ({ apiCheck }) => apiCheck.interMs,
  'etcd-election': ({ etcd }) => etcd.electionMs,
  'lease-takeover': ({ leaderElection }) => leaderElection.retryPeriodMs,
}

/** The interval that decides, by the limit that the measure's budget is computed from. */
function phaseOf({ because }: Measure, timers: Timers): number {
  const limit = Object.keys(phases).find(name => because.includes(`${name} =`))
  return limit === undefined ? 0 : (phases[limit]?.(timers) ?? 0)
}
