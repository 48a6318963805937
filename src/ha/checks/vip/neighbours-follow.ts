/**
 * Clients and VMs on the same network send packets for the VIP to the load balancer that holds it, by its MAC
 * address.
 */
import * as v from 'valibot'
import { withRole } from '../../../cluster/spec.ts'
import { inTurn, runOn } from '../../ask/run-on.ts'
import { inState } from '../../ask/select-vms.ts'
import { vipOwners } from '../../ask/vip-owners.ts'
import { type CheckContext, defineCheck } from '../check.ts'

interface Neighbour {
  readonly dst: string
  readonly lladdr?: string
}

export const neighboursFollow = defineCheck({
  name: 'neighbours-follow',
  claim: 'every neighbour entry for a VIP has the MAC address of its owner, and clients have such an entry',
  schema: v.strictObject({}),
  timeoutMs: 10_000,

  async observe(context) {
    const owners = await vipOwners(context)
    const [owner] = owners
    if (owner === undefined || owners.length > 1)
      return { holds: false, seen: `${owners.length} load balancers have the VIP` }
    const mac = owner.spec.interfaces.find(({ name }) => name === 'eth1')?.mac
    const entries = await entriesOf(context)
    const others = entries.filter(({ lladdr }) => lladdr !== mac)
    const known = new Set(entries.filter(({ who }) => who === 'client').map(({ dst }) => dst))
    return {
      // The probes use the first VIP.
      holds: known.size > 0 && others.length === 0,
      seen: [
        `${owner.spec.name} has ${mac}`,
        `${entries.length - others.length} of ${entries.length} entries say so`,
        ...others.map(({ who, dst, lladdr }) => `${who}: ${dst} is ${lladdr}`),
        ...(known.size === 0 ? ['clients have no entry'] : []),
      ].join(', '),
    }
  },
})

/** One that is not resolved yet has no MAC address, and counts as none. */
async function entriesOf({ cluster, signal }: CheckContext) {
  const argv = ['ip', '-json', 'neighbour', 'show']
  const nodes = ['worker', 'control-plane'] as const
  const running = await inState([...new Set(nodes.flatMap(role => withRole(cluster, role)))], 'running')
  const clients = await cluster.client.exec(argv, { signal, timeoutMs: 5_000 })
  const asked = [
    { who: 'client', stdout: clients.ok ? clients.value.stdout : '' },
    ...(await inTurn(running, async vm => {
      const { stdout } = await runOn(vm, argv, { timeoutMs: 5_000, signal })
      return { who: vm.spec.name, stdout }
    })),
  ]
  return asked.flatMap(({ who, stdout }) =>
    parse(stdout).flatMap(({ dst, lladdr }) =>
      lladdr !== undefined && cluster.spec.vips.includes(dst) ? [{ who, dst, lladdr }] : [],
    ),
  )
}

function parse(stdout: string): readonly Neighbour[] {
  try {
    return JSON.parse(stdout) as readonly Neighbour[]
  } catch {
    return []
  }
}
