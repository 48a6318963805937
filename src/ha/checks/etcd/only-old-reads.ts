/** Without a quorum, the etcd members that run answer reads that may be old, and no others. */
import * as v from 'valibot'
import { url } from '../../../cluster/address.ts'
import { etcdPorts } from '../../../cluster/render/etcd.ts'
import { addressOf, withRole } from '../../../cluster/spec.ts'
import type { Vm } from '../../../drivers/driver.ts'
import { runOn } from '../../ask/run-on.ts'
import { inState } from '../../ask/select-vms.ts'
import { type CheckContext, defineCheck } from '../check.ts'

const linearizableTimeoutMs = 1_000

export const onlyOldReads = defineCheck({
  name: 'only-old-reads',
  claim: 'the etcd members that run answer serializable reads, and no linearizable ones',
  schema: v.strictObject({}),
  timeoutMs: 20_000,

  async observe(context) {
    const running = await inState(withRole(context.cluster, 'etcd'), 'running')
    const looks = await Promise.all(
      running.map(async vm => {
        const old = await reads(vm, 's', 5_000, context)
        const current = await reads(vm, 'l', linearizableTimeoutMs, context)
        return { vm: vm.spec.name, old, current }
      }),
    )
    return {
      holds: looks.length > 0 && looks.every(({ old, current }) => old && !current),
      seen:
        looks
          .map(({ vm, old, current }) => `${vm}: serializable ${said(old)}, linearizable ${said(current)}`)
          .join(', ') || 'no etcd VM is running',
    }
  },
})

const said = (answers: boolean): string => (answers ? 'answered' : 'not answered')

/** Asked on the VM itself, so that what is cut off can be asked as well. */
async function reads(vm: Vm, consistency: 's' | 'l', timeoutMs: number, { cluster, signal }: CheckContext) {
  const endpoint = url('https', addressOf(vm.spec, cluster.spec.etcdFamily), etcdPorts.client)
  const argv = [
    'etcdctl',
    `--endpoints=${endpoint}`,
    `--command-timeout=${timeoutMs * cluster.patience}ms`,
    'get',
    'any',
  ]
  const answer = await runOn(vm, [...argv, `--consistency=${consistency}`], { timeoutMs: timeoutMs + 5_000, signal })
  return answer.ok
}
