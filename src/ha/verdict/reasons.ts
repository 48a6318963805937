/** Why a scenario failed, the most important reason first. */
import type { Failure } from '../../platform/failure.ts'
import type { InvariantRecord, Measure, ScenarioRecord } from '../record/record.ts'

interface Judged {
  readonly failure: Failure | undefined
  readonly measures: readonly Measure[]
  readonly invariants: readonly InvariantRecord[]
}

/** Each begins with the name of what did not hold; empty when all did. */
export const reasonsOf = ({ failure, measures, invariants }: Judged): readonly string[] => [
  ...invariants
    .filter(({ holds }) => !holds)
    .map(({ name, claim, seen }) => `${name}: expected: ${claim}; found: ${seen}`),
  ...measures.filter(({ holds }) => !holds).map(overspent),
  ...(failure === undefined
    ? []
    : [`step: ${failure.message}${failure.last === undefined ? '' : `; ${failure.last}`}`]),
]

/** A reason by its name, a step that did not hold, or "probes" that never succeeded; only of a scenario that failed. */
export function reasonNamed(
  name: string,
  { verdict, reasons, steps }: Pick<ScenarioRecord, 'verdict' | 'reasons' | 'steps'>,
): string | undefined {
  if (verdict !== 'failed') return undefined
  const step = steps.find(one => one.step === name && !one.holds)
  return reasons.find(one => one.startsWith(`${name}: `)) ?? (step && `${step.step}: ${step.seen}`)
}

function overspent({ measure, unit, measured, limit, because }: Measure): string {
  if (limit === null || because === 'not measured') return `${measure}: has a budget, and no probe measured it`
  const show = (value: number) =>
    ({ ms: `${(value / 1000).toFixed(2)} s`, percent: `${value} %`, count: String(value) })[unit]
  return `${measure}: ${show(measured)}, and the budget is ${show(limit)} (${because})`
}
