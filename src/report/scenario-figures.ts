/** The figures of a scenario as people read them; nothing is judged here. */
import type { Measure, ScenarioRecord } from '../ha/record/record.ts'
import type { ReadRun } from './read-run.ts'

export const measureOf = (record: ScenarioRecord, name: string): Measure | undefined =>
  record.measures.find(({ measure }) => measure === name)

/** Of reads and writes: the one that is over its limit, or else the greater one. */
export function worstOf(record: ScenarioRecord, what: 'disturbed' | 'failed'): Measure | undefined {
  const both = ['reads', 'writes'].flatMap(name => measureOf(record, `${name}-${what}`) ?? [])
  return both.toSorted((a, b) => Number(a.holds) - Number(b.holds) || b.measured - a.measured)[0]
}

/** Seconds without their unit: "0", "0.35", "3.9", "12.1", "120". */
export function seconds(ms: number): string {
  const value = ms / 1000
  if (value < 0.005) return '0'
  return value.toFixed(value >= 99.95 ? 0 : value >= 0.995 ? 1 : 2)
}

export function amount({ unit, measured, limit }: Measure): string {
  const text = limit === null ? String(measured) : `${measured} of ${limit}`
  if (unit !== 'ms') return unit === 'percent' ? `${text} %` : text
  return `${limit === null ? seconds(measured) : pair(measured, limit)} s`
}

/** Never equal figures for unequal values: what is over its limit is to look so. */
function pair(measured: number, limit: number): string {
  const [a, b] = [seconds(measured), seconds(limit)]
  return a === b && measured > limit
    ? `${(measured / 1000).toFixed(3)} of ${(limit / 1000).toFixed(3)}`
    : `${a} of ${b}`
}

/** Neither passed nor failed: all that failed are scenarios that were not judged. */
export function isUndecided({ tasks, scenarios }: Pick<ReadRun, 'tasks' | 'scenarios'>): boolean {
  const failed = tasks.filter(({ status }) => status === 'failed')
  const isOpen = (task: string) =>
    scenarios.some(({ record }) => record.task === task && record.verdict === 'not judged')
  return failed.length > 0 && failed.every(({ name }) => isOpen(name))
}

export const wasMeasured = ({ because }: Measure): boolean => because !== 'not measured'

export interface Failover {
  readonly vip: string
  readonly from: string
  readonly to: string
  /** From the fault to the moment at which the next VM had the VIP. */
  readonly tookMs: number
}

/** Faults that hit the owner of a VIP, and how long the VIP took to move. */
export function failovers({ faults, vip }: ScenarioRecord): readonly Failover[] {
  return faults.flatMap(fault =>
    vip
      .filter(span => span.vm === fault.vm && span.fromMs < fault.fromMs && (span.toMs ?? Infinity) >= fault.fromMs)
      .flatMap(owned => {
        const healed = fault.toMs ?? Infinity
        const [next] = vip
          .filter(span => span.vip === owned.vip && span.vm !== owned.vm)
          .filter(span => span.fromMs >= fault.fromMs && span.fromMs <= Math.max(healed, fault.fromMs + 10_000))
          .toSorted((a, b) => a.fromMs - b.fromMs)
        if (next === undefined) return []
        return [{ vip: owned.vip, from: owned.vm, to: next.vm, tookMs: next.fromMs - fault.fromMs }]
      }),
  )
}

export function longestFailoverMs(record: ScenarioRecord): number | undefined {
  const all = failovers(record).map(({ tookMs }) => tookMs)
  return all.length === 0 ? undefined : Math.max(...all)
}

/** "7 passed, 1 failed" */
export function verdictCounts(records: readonly ScenarioRecord[]): string {
  const verdicts = ['passed', 'failed', 'not judged', 'caught', 'interrupted', 'skipped'] as const
  return verdicts
    .map(verdict => [records.filter(record => record.verdict === verdict).length, verdict] as const)
    .filter(([count]) => count > 0)
    .map(([count, verdict]) => `${count} ${verdict}`)
    .join(', ')
}

/**
 * What to call the scenario of each task: "lb-owner-stop stacked" for verify[lb-owner-stop, stacked]; the task's own
 * name where that is another, or where two would be called the same.
 */
export function scenarioLabels(records: readonly ScenarioRecord[]): ReadonlyMap<string, string> {
  const labels = records.map(({ task, scenario }) => {
    const parts = (/\[(.*)\]$/.exec(task)?.[1] ?? '').split(/,\s*/)
    if (!parts.includes(scenario)) return [task, task] as const
    return [task, [scenario, ...parts.filter(part => part !== scenario)].join(' ')] as const
  })
  const isTwice = (label: string) => labels.filter(([, other]) => other === label).length > 1
  return new Map(labels.map(([task, label]) => [task, isTwice(label) ? task : label]))
}

/** From this share on, what clients waited for may have been the machine rather than the cluster. */
const busyShare = 0.6

/** A machine that is busy with other things makes clients wait, too. */
export function cpuWaitText(share: number): string {
  const seen = `Something on the machine waited for a CPU ${Math.round(share * 100)} % of the time.`
  const advice = 'Times may be longer for it: other clusters (k8s-ha cluster ls) and other work take from this one.'
  return share < busyShare ? seen : `${seen} ${advice}`
}
