/** The service `kubernetes` leads to the apiservers that run and to no other, on every node as well as in the API. */
import * as v from 'valibot'
import { addressOf, familiesOf, withRole } from '../../../cluster/spec.ts'
import { objectOf } from '../../ask/api-on.ts'
import { runOn } from '../../ask/run-on.ts'
import { inState } from '../../ask/select-vms.ts'
import { type CheckContext, defineCheck } from '../check.ts'

export const endpointsFollow = defineCheck({
  name: 'endpoints-follow',
  claim: 'the service "kubernetes" leads to the running apiservers only, and kube-proxy knows',
  schema: v.strictObject({}),
  // The lease of an apiserver's endpoint is 15 s, looked at every 10 s.
  timeoutMs: 30_000,

  async observe(context) {
    const { cluster, signal } = context
    const [family] = familiesOf(cluster.spec)
    const running = await inState(withRole(cluster, 'control-plane'), 'running')
    const expected = running.map(vm => addressOf(vm.spec, family)).sort()
    const path = '/api/v1/namespaces/default/endpoints/kubernetes'
    const { object, reason } = await objectOf<Endpoints>(cluster, { path, timeoutMs: 3_000, signal })
    if (object === undefined) return { holds: false, seen: reason }
    const endpoints = (object.subsets ?? []).flatMap(({ addresses = [] }) => addresses.map(({ ip }) => ip)).sort()
    const behind = await nodesBehind(context, expected)
    return {
      holds: endpoints.join() === expected.join() && behind.length === 0,
      seen: [`endpoints ${endpoints.join(', ')}`, ...behind].join('; '),
      figure: String(endpoints.length),
    }
  },
})

interface Endpoints {
  readonly subsets?: readonly { readonly addresses?: readonly { readonly ip: string }[] }[]
}

/** Workers whose kube-proxy sends the service's connections elsewhere, as its rules in the kernel say. */
async function nodesBehind({ cluster, signal }: CheckContext, expected: readonly string[]): Promise<readonly string[]> {
  const [family] = familiesOf(cluster.spec)
  const save = family === 'IPv6' ? 'ip6tables-save' : 'iptables-save'
  const workers = await inState(withRole(cluster, 'worker'), 'running')
  const told = await Promise.all(
    workers.map(async vm => {
      const { stdout } = await runOn(vm, [save, '-t', 'nat'], { timeoutMs: 8_000, signal })
      const rules = stdout
        .split('\n')
        .filter(line => line.includes('default/kubernetes:https') && line.includes('DNAT'))
      // "--to-destination 192.168.1.1:6443", "--to-destination [fd00::c0a8:101]:6443"
      const to = rules.map(line => /--to-destination \[?([^\]\s]+?)\]?:\d+(\s|$)/.exec(line)?.[1] ?? '?').sort()
      return to.join() === expected.join() ? [] : [`${vm.spec.name} sends to ${to.join(', ') || 'nobody'}`]
    }),
  )
  return told.flat()
}
