/** Whether all is well with a cluster: the checks that every healthy cluster of its kind passes. */
import { parse } from 'valibot'
import type { ClusterSpec } from '../cluster/spec.ts'
import { checks } from './checks.ts'
import { runSteps, type StepsContext } from './run-steps.ts'
import type { CheckStep } from './steps.ts'

function wellChecks(spec: ClusterSpec): readonly string[] {
  const has = (role: string) => spec.vms.some(vm => vm.roles.some(one => one === role))
  return [
    'vms-answer',
    ...(has('etcd') ? ['etcd-healthy'] : []),
    ...(spec.keepalived && has('load-balancer') ? ['vip-held'] : []),
    ...(spec.kubernetes && has('control-plane') ? ['apiservers-ready', 'nodes-ready'] : []),
  ]
}

/** What is still wrong when the time is over, in words; empty as soon as all is well. */
export async function untilWell(context: StepsContext, withinMs: number): Promise<readonly string[]> {
  const results = await Promise.all(
    wellChecks(context.cluster.spec).map(name => runSteps([defaultCheck(name, withinMs / 1000)], context)),
  )
  return results.flatMap(result => (result.ok ? [] : [`${result.failure.message}: ${result.failure.last ?? ''}`]))
}

function defaultCheck(name: string, within: number): CheckStep {
  const check = checks[name]
  if (check === undefined) throw new Error(`no check ${name}`)
  return { kind: 'check', check: name, options: parse(check.schema, {}) as CheckStep['options'], within }
}
