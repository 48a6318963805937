/** Budgets: what a scenario may cost, by the name of a measure. */
import * as v from 'valibot'
import type { ClusterSpec } from '../../cluster/spec.ts'
import type { Timers } from '../../cluster/timers.ts'
import type { Measure } from '../record/record.ts'
import { calmMs, disturbingFaults, judgedFrom, probedUntil } from './disturbances.ts'
import type { Findings } from './findings.ts'
import { type Limit, type LimitName, limitNames, limitOf } from './limits.ts'
import { type MeasureName, measureNames, measureTypes } from './measures.ts'

const amount = v.pipe(v.number(), v.minValue(0, 'a budget is 0 or more'))
const limitName = v.picklist(limitNames, issue => `there is no limit ${issue.received}: ${limitNames.join(', ')}`)

const misfit = (issue: { readonly received: string }) =>
  `a budget is a number (of seconds, of percent, or how often), a limit (${limitNames.join(', ')}), { of: <limit>, at-most: <seconds> }, or one of these for each of { external: …, stacked: … }; this is ${issue.received}`

const plain = v.union([amount, limitName, v.strictObject({ of: limitName, 'at-most': amount })], misfit)
const budget = v.union([plain, v.strictObject({ external: plain, stacked: plain })], misfit)

/** Seconds or a count; a limit by its name; or that limit, tightened. */
type PlainBudget = v.InferOutput<typeof plain>
/** One for both topologies, or one for each. */
export type Budget = v.InferOutput<typeof budget>
export type Budgets = Readonly<Partial<Record<MeasureName, Budget>>>

export const budgetsSchema: v.GenericSchema<unknown, Budgets> = v.record(
  v.picklist(measureNames, issue => `there is no measure ${issue.received}: ${measureNames.join(', ')}`),
  budget,
)

export interface BudgetProblem {
  /** Inside the budgets: ["writes", "at-most"]. */
  readonly path: readonly string[]
  readonly message: string
}

/** Budgets that nothing can hold with these timers, and limits that mean nothing for a measure. */
export function checkBudgets(budgets: Budgets, timers: Timers, spec: ClusterSpec): readonly BudgetProblem[] {
  return measureNames.flatMap(name => {
    const given = budgets[name]
    if (given === undefined) return []
    const budget = inTopology(given, spec)
    const path = budget === given ? [name] : [name, spec.topology]
    const limit = limitOfBudget(budget)
    if (limit === undefined) return []
    if (measureTypes[name].unit !== 'ms')
      return [
        {
          path,
          message: `"${name}" is a ${measureTypes[name].unit}: its budget is a number, not the limit "${limit}"`,
        },
      ]
    const { floorMs, formula } = limitOf(limit, { timers, spec })
    const tightened = typeof budget === 'object' ? budget['at-most'] * 1000 : Number.POSITIVE_INFINITY
    if (tightened >= floorMs) return []
    return [
      {
        path: [...path, 'at-most'],
        message: `A budget of ${tightened / 1000} s cannot hold: with the cluster's timers "${limit}" takes ${floorMs / 1000} s at best, and may take ${formula}`,
      },
    ]
  })
}

/**
 * What a scenario does not have to say: clients may be disturbed for as long as they may get no answer, and for the
 * second after which that counts as over, as all of them connect anew then; and no more requests may fail than if all
 * of them did for that long, once for each fault.
 */
const impliedBy: Readonly<Partial<Record<MeasureName, 'reads' | 'writes'>>> = {
  'reads-disturbed': 'reads',
  'writes-disturbed': 'writes',
  'reads-failed': 'reads',
  'writes-failed': 'writes',
}

/** Every measure that was taken, with its budget if it has one. A budget whose measure was not taken does not hold. */
export function measureAll(
  findings: Findings,
  budgets: Budgets,
  timers: Timers,
  spec: ClusterSpec,
): readonly Measure[] {
  return measureNames.flatMap((name): Measure[] => {
    const type = measureTypes[name]
    const measured = type.of(findings)
    const given = budgets[name]
    if (measured === undefined && given === undefined) return []
    const budget = given === undefined ? undefined : inTopology(given, spec)
    const basis = { timers, spec }
    const { limit, because } =
      budget === undefined ? implied(name, findings, { ...basis, budgets }) : allowance(budget, type.unit, basis)
    const facts = { measure: name, unit: type.unit, limit, because }
    if (measured === undefined) return [{ ...facts, measured: 0, because: 'not measured', holds: false }]
    return [{ ...facts, measured, holds: limit === null || measured <= limit }]
  })
}

const noLimit = { limit: null, because: '' }

interface Basis {
  readonly timers: Timers
  readonly spec: ClusterSpec
}

function implied(name: MeasureName, findings: Findings, { budgets, ...basis }: Basis & { readonly budgets: Budgets }) {
  const base = impliedBy[name]
  const budget = base && budgets[base]
  if (base === undefined || budget === undefined) return noLimit
  const outage = allowance(inTopology(budget, basis.spec), 'ms', basis)
  if (measureTypes[name].unit === 'ms')
    return { limit: outage.limit + calmMs, because: `${calmMs / 1000} s more than ${base}: ${outage.because}` }
  const { faults, probes } = findings
  const times = Math.max(1, disturbingFaults(faults))
  const judgedMs = Math.max(1, probedUntil(probes) - judgedFrom(faults))
  const limit = Math.min(100, Math.round((1000 * times * outage.limit) / judgedMs) / 10)
  const seconds = (ms: number) => Number((ms / 1000).toFixed(1))
  return {
    limit,
    because: `${times} × ${seconds(outage.limit)} s (${base}: ${outage.because}) in ${seconds(judgedMs)} s`,
  }
}

function allowance(budget: PlainBudget, unit: Measure['unit'], basis: Basis) {
  if (typeof budget === 'number')
    return { limit: unit === 'ms' ? budget * 1000 : budget, because: 'set by the scenario' }
  const computed = (name: LimitName): Limit => limitOf(name, basis)
  if (typeof budget === 'string') {
    const { ms, formula } = computed(budget)
    return { limit: ms, because: `${budget} = ${formula}` }
  }
  const { ms, formula } = computed(budget.of)
  const limit = Math.min(ms, budget['at-most'] * 1000)
  return { limit, because: `at most ${budget['at-most']} s by the scenario (${budget.of} = ${formula})` }
}

const limitOfBudget = (budget: PlainBudget): LimitName | undefined =>
  typeof budget === 'number' ? undefined : typeof budget === 'string' ? budget : budget.of

const inTopology = (budget: Budget, { topology }: ClusterSpec): PlainBudget =>
  typeof budget === 'object' && 'external' in budget ? budget[topology] : budget
