/** Replaces an etcd member that lost its disk: removed, added as a learner, promoted once it has caught up. */
import * as v from 'valibot'
import { url } from '../../cluster/address.ts'
import { etcdPorts } from '../../cluster/render/etcd.ts'
import { addressOf, withRole } from '../../cluster/spec.ts'
import type { Vm } from '../../drivers/driver.ts'
import { monotonicMs } from '../../platform/clock.ts'
import { failed } from '../../platform/failure.ts'
import { poll } from '../../platform/poll.ts'
import { fail, ok, type Result } from '../../platform/result.ts'
import { runOn } from '../ask/run-on.ts'
import { inState } from '../ask/select-vms.ts'
import { targetSchema } from '../targets/target-schema.ts'
import { defineAction } from './action.ts'

const promoteWithinMs = 40_000
const againMs = 300

/** etcd refuses a member that calls itself new where its cluster knows better: it must say that the cluster exists. */
const startAnew = [
  'sed -i "s/@BY_DATA_FOLDER@/existing/" "/etc/k8s-ha/$(uname -n)/etcd.yaml"',
  'rm -rf /var/lib/etcd/member',
  // It may have ended by itself just now; its supervisor starts it either way.
  '{ kill -KILL "$(cat /run/etcd.pid)" || true; }',
].join(' && ')

export const replaceEtcdMember = defineAction({
  name: 'replace-etcd-member',
  what: 'removes the etcd member on `vm`, adds it anew as a learner with an empty disk, and promotes it',
  schema: v.strictObject({ vm: targetSchema }),
  targets: ({ vm }) => [vm],
  role: 'etcd',

  async run({ cluster, signal, vmOf }, { vm: target }) {
    const meant = await vmOf(target)
    if (!meant.ok) return meant
    const vm = meant.value
    const members = withRole(cluster, 'etcd')
    const others = members.filter(one => one.spec.id !== vm.spec.id)
    const [asked] = await inState(others, 'running')
    if (others.length === members.length || asked === undefined)
      return fail(failed(`Cannot replace the etcd member on "${vm.spec.name}": it must be one of several etcd VMs`))
    // The member that is to go would only make every answer late.
    const endpoint = url('https', addressOf(asked.spec, cluster.spec.etcdFamily), etcdPorts.client)
    const ctl = (...argv: readonly string[]) =>
      runOn(asked, ['etcdctl', `--endpoints=${endpoint}`, ...argv], { timeoutMs: 15_000, signal })
    const listed = await ctl('member', 'list')
    // "8e9e05c52164694d, started, vm-193, https://192.168.1.193:2380, …"
    const [old = '', , , peerUrl = ''] =
      listed.stdout
        .split('\n')
        .find(line => line.includes(vm.spec.name))
        ?.split(', ') ?? []
    if (old === '')
      return fail(failed(`Cannot find the member "${vm.spec.name}"`, { last: listed.reason || listed.stdout }))
    const removed = await ctl('member', 'remove', old)
    if (!removed.ok) return fail(failed(`Cannot remove the member "${vm.spec.name}"`, { last: removed.reason }))
    const added = await ctl('member', 'add', vm.spec.name, '--learner', `--peer-urls=${peerUrl}`)
    const [, fresh = ''] = /Member\s+([0-9a-f]+) added/.exec(added.stdout) ?? []
    if (!added.ok || fresh === '')
      return fail(failed(`Cannot add "${vm.spec.name}" as a learner`, { last: added.reason }))
    const started = await runOn(vm, ['sh', '-c', startAnew], { timeoutMs: 10_000, signal })
    if (!started.ok) return fail(failed(`Cannot start etcd anew on "${vm.spec.name}"`, { last: started.reason }))
    return promoted(vm, () => ctl('member', 'promote', fresh), signal)
  },
})

/** Refused until the learner has nearly all that the leader has. */
async function promoted(vm: Vm, promote: () => ReturnType<typeof runOn>, signal: AbortSignal): Promise<Result<string>> {
  const start = monotonicMs()
  const withinMs = promoteWithinMs * vm.patience
  const answer = await poll(promote, one => one.ok, { everyMs: againMs, withinMs, signal })
  const seconds = ((monotonicMs() - start) / 1000).toFixed(1)
  if (answer.ok) return ok(`${vm.spec.name} is a learner, promoted after ${seconds} s`)
  return fail(failed(`Cannot promote "${vm.spec.name}" within ${withinMs / 1000} s`, { last: answer.reason }))
}
