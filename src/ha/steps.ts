/** The steps of a scenario, as workflow files write them. */
import * as v from 'valibot'
import { checks } from './checks.ts'
import { type FaultVerb, faultVerbs } from './faults.ts'

const roles = ['control-plane', 'worker', 'load-balancer', 'etcd', 'router', 'tester'] as const

/**
 * A VM by its number (193), by its place among those of a role ("etcd 2"), the one of the enclosing `each`, or the one
 * that, when the step begins, holds the VIP ("vip-owner") or is stopped ("stopped").
 */
export type Target = number | string

const targetSchema = v.union([
  v.pipe(v.number(), v.integer(), v.minValue(1)),
  v.pipe(
    v.string(),
    v.regex(
      new RegExp(`^(each|vip-owner|stopped|(${roles.join('|')}) [1-9][0-9]*)$`),
      'a VM is a number, "<role> <n>", "each", "vip-owner" or "stopped"',
    ),
  ),
])

export interface CheckStep {
  readonly kind: 'check'
  readonly check: string
  readonly options: Readonly<Record<string, unknown>>
  /** Seconds, instead of the check's own limit. */
  readonly within?: number
}
export interface FaultStep {
  readonly kind: 'fault'
  readonly verb: FaultVerb
  readonly target: Target
}
export interface EachStep {
  readonly kind: 'each'
  readonly role: (typeof roles)[number]
  readonly first?: number
  readonly steps: readonly Step[]
}
export interface DoStep {
  readonly kind: 'do'
  readonly action: 'label-control-plane'
}
/** What the cluster must be like for the steps to mean anything; a mistake of the user's otherwise. */
export interface RequireStep {
  readonly kind: 'require'
  readonly keepalived: boolean
  readonly role?: (typeof roles)[number]
  readonly atLeast: number
}
export type Step = RequireStep | CheckStep | FaultStep | EachStep | DoStep

const checkStep = v.pipe(
  v.looseObject({
    check: v.picklist(
      Object.keys(checks),
      issue => `there is no check "${issue.input}": ${Object.keys(checks).join(', ')}`,
    ),
    within: v.optional(v.pipe(v.number(), v.minValue(0.1))),
  }),
  v.rawTransform(({ dataset, addIssue }): CheckStep => {
    const { check, within, ...given } = dataset.value
    const parsed = v.safeParse(checks[check]?.schema ?? v.never(), given)
    for (const issue of parsed.issues ?? []) addIssue({ message: `check ${check}: ${issue.message}` })
    const options = (parsed.success ? parsed.output : {}) as Readonly<Record<string, unknown>>
    return { kind: 'check', check, options, ...(within === undefined ? {} : { within }) }
  }),
)

const faultStep = v.union(
  faultVerbs.map(verb =>
    v.pipe(
      v.strictObject({ [verb]: targetSchema }),
      v.transform((step): FaultStep => ({ kind: 'fault', verb, target: step[verb] ?? '' })),
    ),
  ),
)

const doStep = v.pipe(
  v.strictObject({ do: v.picklist(['label-control-plane']) }),
  v.transform((step): DoStep => ({ kind: 'do', action: step.do })),
)

const requireStep = v.pipe(
  v.strictObject({
    require: v.union([v.literal('keepalived'), v.strictObject({ role: v.picklist(roles), 'at-least': v.number() })]),
  }),
  v.transform(
    ({ require }): RequireStep =>
      require === 'keepalived'
        ? { kind: 'require', keepalived: true, atLeast: 0 }
        : { kind: 'require', keepalived: false, role: require.role, atLeast: require['at-least'] },
  ),
)

const eachStep: v.GenericSchema<unknown, EachStep> = v.pipe(
  v.strictObject({
    each: v.picklist(roles),
    first: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))),
    steps: v.lazy(() => stepsSchema),
  }),
  v.transform(({ each, first, steps }) => ({
    kind: 'each' as const,
    role: each,
    steps,
    ...(first === undefined ? {} : { first }),
  })),
)

/** By its first key, so that a mistake inside a step is told of that step, and not of every kind there is. */
const stepSchema: v.GenericSchema<unknown, Step> = v.lazy(input => {
  const keys = typeof input === 'object' && input !== null ? Object.keys(input) : []
  if (keys.includes('check')) return checkStep
  if (keys.includes('each')) return eachStep
  if (keys.includes('do')) return doStep
  if (keys.includes('require')) return requireStep
  if (keys.some(key => (faultVerbs as readonly string[]).includes(key))) return faultStep
  return v.pipe(
    v.unknown(),
    v.check(() => false, `a step is one of require, check, each, do, ${faultVerbs.join(', ')}`),
    v.transform((): Step => {
      throw new Error('unreachable: the check before it never holds')
    }),
  )
})

export const stepsSchema: v.GenericSchema<unknown, readonly Step[]> = v.pipe(v.array(stepSchema), v.minLength(1))
