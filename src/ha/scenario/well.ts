/** Whether all is well with a cluster: the checks that every healthy cluster of its kind passes. */
import { parse } from 'valibot'
import { type ClusterSpec, type Role, withRole } from '../../cluster/spec.ts'
import type { Timers } from '../../cluster/timers.ts'
import { monotonicMs } from '../../platform/clock.ts'
import { checks } from '../checks/checks.ts'
import { runSteps, type StepsContext } from './run-steps.ts'
import type { CheckStep } from './steps.ts'

type Wanted = readonly [check: string, options?: object]

interface Wells {
  /** A burst of work each: one after the other. */
  readonly working: readonly Wanted[]
  /** Mostly waiting: for an owner's return, for a renewal. */
  readonly patient: readonly Wanted[]
}

function wellChecks(spec: ClusterSpec, { preempt }: Timers['vrrp']): Wells {
  const has = (role: Role) => withRole(spec, role).length > 0
  const working: Wanted[] = []
  const patient: Wanted[] = []
  if (has('etcd')) working.push(['etcd-healthy'])
  if (spec.keepalived && has('load-balancer')) patient.push(['vip-held', { preferred: preempt }])
  if (spec.kubernetes && has('control-plane')) {
    working.push(['apiservers-ready'], ['nodes-ready'])
    if (has('worker')) working.push(['app-answers'])
    patient.push(['leases-renewed'])
  }
  return { working, patient }
}

interface UntilWell {
  readonly withinMs: number
  readonly timers: Timers
}

/**
 * What of the services is still wrong when the time is over, in words; empty as soon as all is well. Clients come
 * first, as the probes report them; then the checks that work, one after the other: earlier, or all at once, they would
 * take the CPUs from what recovers and is measured.
 */
export async function untilWell(context: StepsContext, { withinMs, timers }: UntilWell): Promise<readonly string[]> {
  const { working, patient } = wellChecks(context.cluster.spec, timers.vrrp)
  const problemOf = problemsBy(context, monotonicMs() + withinMs)
  const problems: (string | undefined)[] = []
  const clients: readonly Wanted[] = context.writes === undefined ? [] : [['writes-acknowledged']]
  for (const wanted of [...clients, ...working]) problems.push(await problemOf(wanted))
  problems.push(...(await Promise.all(patient.map(problemOf))))
  return problems.filter(problem => problem !== undefined)
}

/**
 * The same of what needs so much work that no client is to be measured meanwhile: each VM asks all others. `asPods`: so
 * does a pod ask every apiserver.
 */
export async function untilWhole(
  context: StepsContext,
  { withinMs, asPods }: Pick<UntilWell, 'withinMs'> & { readonly asPods: boolean },
): Promise<readonly string[]> {
  const problemOf = problemsBy(context, monotonicMs() + withinMs)
  const problems: (string | undefined)[] = []
  const { spec } = context.cluster
  const hasApi = spec.kubernetes !== undefined && withRole(spec, 'control-plane').length > 0
  const names = ['vms-answer', 'redundant-everywhere', ...(asPods && hasApi ? ['pods-see-all'] : [])]
  for (const name of names) problems.push(await problemOf([name]))
  return problems.filter(problem => problem !== undefined)
}

function problemsBy(context: StepsContext, deadline: number) {
  return async ([name, options = {}]: Wanted): Promise<string | undefined> => {
    const leftS = Math.max(leastS, (deadline - monotonicMs()) / 1000)
    const result = await runSteps([checkStep(name, options, leftS)], context)
    return result.ok ? undefined : `${result.failure.message}: ${result.failure.last ?? ''}`
  }
}

/** Enough to be seen once, when another check took all the time. */
const leastS = 1

function checkStep(name: string, options: object, within: number): CheckStep {
  const check = checks[name]
  if (check === undefined) throw new Error(`no check ${name}`)
  return { kind: 'check', check: name, options: parse(check.schema, options) as CheckStep['options'], within }
}
