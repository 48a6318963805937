/** Whether all is well with a cluster: the checks that every healthy cluster of its kind passes. */
import { parse } from 'valibot'
import type { ClusterSpec } from '../cluster/spec.ts'
import type { Timers } from '../cluster/timers.ts'
import { checks } from './checks.ts'
import { runSteps, type StepsContext } from './run-steps.ts'
import type { CheckStep } from './steps.ts'

type Wanted = readonly [check: string, options?: object]

function wellChecks(spec: ClusterSpec, { preempt }: Timers['vrrp']): readonly Wanted[] {
  const has = (role: string) => spec.vms.some(vm => vm.roles.some(one => one === role))
  const wanted: Wanted[] = [['vms-answer']]
  if (has('etcd')) wanted.push(['etcd-healthy'])
  if (spec.keepalived && has('load-balancer')) wanted.push(['vip-held', { preferred: preempt }])
  if (spec.kubernetes && has('control-plane')) wanted.push(['apiservers-ready'], ['nodes-ready'], ['leases-renewed'])
  return wanted
}

/** What is still wrong when the time is over, in words; empty as soon as all is well. */
export async function untilWell(
  context: StepsContext,
  { withinMs, timers }: { readonly withinMs: number; readonly timers: Timers },
): Promise<readonly string[]> {
  const within = withinMs / 1000
  const results = await Promise.all(
    wellChecks(context.cluster.spec, timers.vrrp).map(([name, options = {}]) =>
      runSteps([checkStep(name, options, within)], context),
    ),
  )
  return results.flatMap(result => (result.ok ? [] : [`${result.failure.message}: ${result.failure.last ?? ''}`]))
}

function checkStep(name: string, options: object, within: number): CheckStep {
  const check = checks[name]
  if (check === undefined) throw new Error(`no check ${name}`)
  return { kind: 'check', check: name, options: parse(check.schema, options) as CheckStep['options'], within }
}
