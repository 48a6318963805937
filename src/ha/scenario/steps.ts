/** The steps of a scenario, as workflow files write them. */
import * as v from 'valibot'
import { type Role, roles } from '../../cluster/spec.ts'
import { actionNames, actions } from '../actions/actions.ts'
import { checks } from '../checks/checks.ts'
import { faultTypes, faultVerbs } from '../faults/faults.ts'
import type { Target } from '../targets/target.ts'
import { targetSchema } from '../targets/target-schema.ts'

export interface CheckStep {
  readonly kind: 'check'
  readonly check: string
  readonly options: Readonly<Record<string, unknown>>
  /** Seconds, instead of the check's own limit. */
  readonly within?: number
}
export interface FaultStep {
  readonly kind: 'fault'
  readonly verb: string
  readonly target: Target
  readonly options: unknown
}
export interface EachStep {
  readonly kind: 'each'
  readonly role: Role
  readonly first?: number
  /** The VM whose turn comes last, as it is when the first one's begins. */
  readonly last?: Target
  readonly steps: readonly Step[]
}
export interface DoStep {
  readonly kind: 'do'
  readonly action: string
  readonly options: unknown
}
export interface WaitStep {
  readonly kind: 'wait'
  readonly seconds: number
}
/** What the cluster must be like for the steps to mean anything; a mistake of the user's otherwise. */
export interface RequireStep {
  readonly kind: 'require'
  readonly keepalived: boolean
  readonly role?: Role
  readonly atLeast: number
}
export type Step = RequireStep | CheckStep | FaultStep | EachStep | DoStep | WaitStep

type Options = Readonly<Record<string, unknown>>

/** Of a check, a fault or an action, whose own schema knows them; a mistake is reported with its name. */
function parseOptions(schema: v.GenericSchema, given: Options, what: string) {
  const parsed = v.safeParse(schema, given)
  const problems = (parsed.issues ?? []).map(issue => {
    const key = v.getDotPath(issue)
    return `${what}: ${key === null ? '' : `${key}: `}${issue.message}`
  })
  return { options: parsed.success ? parsed.output : {}, problems }
}

const checkStep = v.pipe(
  v.looseObject({
    check: v.picklist(
      Object.keys(checks),
      issue => `there is no check ${issue.received}: ${Object.keys(checks).join(', ')}`,
    ),
    within: v.optional(v.pipe(v.number(), v.minValue(0.1))),
  }),
  v.rawTransform(({ dataset, addIssue }): CheckStep => {
    const { check, within, ...given } = dataset.value
    const { options, problems } = parseOptions(checks[check]?.schema ?? v.never(), given, `check ${check}`)
    for (const message of problems) addIssue({ message })
    return { kind: 'check', check, options: options as Options, ...(within === undefined ? {} : { within }) }
  }),
)

/** `stop: 193`, or with options `isolate: { vm: 193, direction: out }`. */
const faultStep = (verb: string) =>
  v.pipe(
    v.strictObject({ [verb]: v.union([targetSchema, v.looseObject({ vm: targetSchema })], wrongTarget) }),
    v.rawTransform(({ dataset, addIssue }): FaultStep => {
      const written = dataset.value[verb]
      const { vm: target, ...given } = typeof written === 'object' ? written : { vm: written ?? '' }
      const { options, problems } = parseOptions(faultTypes.get(verb)?.schema ?? v.never(), given, verb)
      for (const message of problems) addIssue({ message })
      return { kind: 'fault', verb, target, options }
    }),
  )

function wrongTarget({ input }: { readonly input: unknown }): string {
  const written = typeof input === 'object' && input !== null && 'vm' in input ? input.vm : input
  return v.safeParse(targetSchema, written).issues?.[0].message ?? 'names no VM'
}

const doStep = v.pipe(
  v.looseObject({
    do: v.picklist(actionNames, issue => `there is no action ${issue.received}: ${actionNames.join(', ')}`),
  }),
  v.rawTransform(({ dataset, addIssue }): DoStep => {
    const { do: action, ...given } = dataset.value
    const { options, problems } = parseOptions(actions.get(action)?.schema ?? v.never(), given, `do ${action}`)
    for (const message of problems) addIssue({ message })
    return { kind: 'do', action, options }
  }),
)

const waitStep = v.pipe(
  v.strictObject({ wait: v.pipe(v.number(), v.minValue(0.1), v.maxValue(3600)) }),
  v.transform(({ wait }): WaitStep => ({ kind: 'wait', seconds: wait })),
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
    each: v.picklist(roles, issue => `there is no role ${issue.received}: ${roles.join(', ')}`),
    first: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))),
    last: v.optional(targetSchema),
    steps: v.lazy(() => stepsSchema),
  }),
  v.transform(({ each, first, last, steps }) => ({
    kind: 'each' as const,
    role: each,
    steps,
    ...(first === undefined ? {} : { first }),
    ...(last === undefined ? {} : { last }),
  })),
)

/** By its first key, so that a mistake inside a step is reported for that step, and not for every kind there is. */
const stepSchema: v.GenericSchema<unknown, Step> = v.lazy(input => {
  const keys = typeof input === 'object' && input !== null ? Object.keys(input) : []
  if (keys.includes('check')) return checkStep
  if (keys.includes('each')) return eachStep
  if (keys.includes('do')) return doStep
  if (keys.includes('wait')) return waitStep
  if (keys.includes('require')) return requireStep
  const verb = keys.find(key => faultTypes.has(key))
  if (verb !== undefined) return faultStep(verb)
  return v.pipe(
    v.unknown(),
    v.check(() => false, `a step is one of require, check, each, do, wait, ${faultVerbs.join(', ')}`),
    v.transform((): Step => {
      throw new Error('unreachable: the check before it never holds')
    }),
  )
})

export const stepsSchema: v.GenericSchema<unknown, readonly Step[]> = v.pipe(v.array(stepSchema), v.minLength(1))
