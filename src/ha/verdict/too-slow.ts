/**
 * Whether a verdict that would be "failed" is none, because the machine was too slow. The machine is blamed only for
 * time that it was seen to take: from what was measured beyond a limit, this subtracts how long the probes themselves
 * stood still, and what a slow machine needs longer for the same work. Anything else that does not hold (a lost write,
 * an election, a step) is the cluster's, whatever the machine did.
 */
import type { Measure, Span } from '../record/record.ts'
import { disturbingFaults } from './disturbances.ts'
import type { Findings } from './findings.ts'
import { slackMs } from './limits.ts'
import { spansOf } from './measures.ts'

interface Judged {
  readonly findings: Findings
  readonly measures: readonly Measure[]
  /** How many times slower than a usual machine this one is, as it measured itself before. */
  readonly slowness: number
}

/** What a stall of the machine sets off (a check that fails, an election) goes on after it for so long. */
const aftermathMs = 5_000

/**
 * The figures by which the machine was too slow, in words; undefined when it is not to blame for all of the measures,
 * which are those that do not hold.
 */
export function tooSlow({ findings, measures, slowness }: Judged): string | undefined {
  if (findings.late === null || measures.length === 0) return undefined
  const late = findings.late
  const work = (slowness - 1) * slackMs
  const blamed = measures.every(measure => {
    const excesses = excessesOf(measure, findings)
    return (
      excesses.length > 0 &&
      excesses.every(({ overMs, times, ...window }) => overMs <= overlapMs(late, window) + times * work)
    )
  })
  if (!blamed) return undefined
  const seconds = (lateMs(late) / 1000).toFixed(2)
  const slow = slowness > 1 ? `; it is ${slowness} times slower than a usual machine` : ''
  return `too-slow: the machine was: probes that were due began late, ${seconds} s in all${slow}`
}

/** How long the probes stood still, in all. */
export const lateMs = (late: readonly Span[]): number =>
  late.reduce((sum, { fromMs, toMs }) => sum + (toMs ?? fromMs) - fromMs, 0)

interface Excess {
  readonly fromMs: number
  readonly toMs: number
  readonly overMs: number
  /** How many faults had their work in it. */
  readonly times: number
}

/** Of a limit on time; empty for any other. */
function excessesOf(measure: Measure, findings: Findings): readonly Excess[] {
  const { unit, measured, limit, because } = measure
  if (limit === null || unit === 'count' || because === 'not measured') return []
  if (unit === 'percent') {
    const times = Math.max(1, disturbingFaults(findings.faults))
    return spansOf(measure.measure, findings).map(({ fromMs, toMs }) => {
      return { fromMs, toMs, overMs: ((measured - limit) / 100) * (toMs - fromMs), times }
    })
  }
  return spansOf(measure.measure, findings)
    .map(({ fromMs, toMs }) => {
      return { fromMs: fromMs - aftermathMs, toMs, overMs: Math.min(measured, toMs - fromMs) - limit, times: 1 }
    })
    .filter(({ overMs }) => overMs > 0)
}

const overlapMs = (late: readonly Span[], window: { readonly fromMs: number; readonly toMs: number }): number =>
  late.reduce((sum, { fromMs, toMs }) => {
    const overlap = Math.min(toMs ?? fromMs, window.toMs) - Math.max(fromMs, window.fromMs)
    return sum + Math.max(0, overlap)
  }, 0)
