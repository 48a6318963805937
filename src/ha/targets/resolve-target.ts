/** Which VM a step means: by number and role it is known beforehand, by what it does only when the step begins. */
import { withRole } from '../../cluster/spec.ts'
import type { Cluster, Vm } from '../../drivers/driver.ts'
import { failed } from '../../platform/failure.ts'
import { poll } from '../../platform/poll.ts'
import { fail, ok, type Result } from '../../platform/result.ts'
import { etcdLeader } from '../ask/etcd-leader.ts'
import { leaseHolder } from '../ask/lease-holder.ts'
import { inState } from '../ask/select-vms.ts'
import { vipOwners } from '../ask/vip-owners.ts'
import { findTarget } from './find-target.ts'
import type { Target } from './target.ts'
import { dynamicTargets } from './target-schema.ts'

export interface TargetContext {
  readonly cluster: Cluster
  readonly signal: AbortSignal
  /** The VM of the enclosing `each`. */
  readonly each: Vm | undefined
  /** The VM of the latest fault. */
  readonly last: Vm | undefined
}

export async function resolveTarget(target: Target, context: TargetContext): Promise<Result<Vm>> {
  const { cluster } = context
  if (target === 'each') return onlyOne(context.each ? [context.each] : [], 'VM of an enclosing "each"')
  const find = dynamicTargets.find(one => one === target)
  if (find !== undefined) return soon(() => dynamic[find](context), context)
  const id = findTarget(cluster.spec, target)?.id
  return onlyOne(
    cluster.vms.filter(vm => vm.spec.id === id),
    `VM for "${target}"`,
  )
}

/** Whether VMs are asked for it. */
export const isLookedUp = (target: Target): boolean =>
  target !== 'last' && target !== 'stopped' && dynamicTargets.some(one => one === target)

const dynamic: Readonly<Record<(typeof dynamicTargets)[number], (context: TargetContext) => Promise<Result<Vm>>>> = {
  'vip-owner': async context => onlyOne(await vipOwners(context), 'load balancer to hold the VIP'),
  'vip-backup': async context => {
    const owners = (await vipOwners(context)).map(vm => vm.spec.id)
    const running = await inState(withRole(context.cluster, 'load-balancer'), 'running')
    return firstOf(
      running.filter(vm => !owners.includes(vm.spec.id)),
      'running load balancer without the VIP',
    )
  },
  'etcd-leader': ({ cluster, signal }) => etcdLeader(cluster, signal),
  'etcd-follower': async ({ cluster, signal }) => {
    const leader = await etcdLeader(cluster, signal)
    if (!leader.ok) return leader
    const running = await inState(withRole(cluster, 'etcd'), 'running')
    return firstOf(
      running.filter(vm => vm.spec.id !== leader.value.spec.id),
      'etcd member that follows',
    )
  },
  'controller-manager-leader': ({ cluster, signal }) => leaseHolder(cluster, 'kube-controller-manager', signal),
  'scheduler-leader': ({ cluster, signal }) => leaseHolder(cluster, 'kube-scheduler', signal),
  stopped: async ({ cluster }) => onlyOne(await inState(cluster.vms, 'stopped'), 'stopped VM'),
  last: async ({ last }) => onlyOne(last ? [last] : [], 'VM with an earlier fault'),
}

/** Who it is may be about to change: then nobody is it for a moment. */
const settleWithinMs = 5_000
const againMs = 100

const soon = (find: () => Promise<Result<Vm>>, { cluster, signal }: TargetContext): Promise<Result<Vm>> =>
  poll(find, found => found.ok, { everyMs: againMs, withinMs: settleWithinMs * cluster.patience, signal })

function onlyOne(vms: readonly Vm[], what: string): Result<Vm> {
  const [vm, ...others] = vms
  if (vm && others.length === 0) return ok(vm)
  const seen = vms.length === 0 ? 'none' : vms.map(one => one.spec.name).join(', ')
  return fail(failed(`Cannot go on with the scenario: expected exactly one ${what}`, { last: seen }))
}

const firstOf = (vms: readonly Vm[], what: string): Result<Vm> => onlyOne(vms.slice(0, 1), what)
