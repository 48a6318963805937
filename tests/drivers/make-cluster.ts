/** Makes a cluster without VMs that stays; argument: its state folder. Prints the process that holds it. */
import type { ClusterSpec } from '../../src/cluster/spec.ts'
import { readState } from '../../src/drivers/cluster-state.ts'
import { netnsDriver } from '../../src/drivers/netns/netns-driver.ts'

const [, , stateDir = ''] = process.argv
const spec: ClusterSpec = {
  family: 'IPv4',
  etcdFamily: 'IPv4',
  topology: 'external',
  domain: 'test',
  prefix: 'fd00::',
  cni: 'bridge',
  kubeProxy: 'iptables',
  nodeApi: 'vip',
  keepalived: false,
  vms: [],
  vips: [],
}
const made = await netnsDriver().create({ name: 'one', spec, layers: [], stateDir }, new AbortController().signal)
if (!made.ok) throw new Error(JSON.stringify(made.failure))
made.value.keep()
process.stdout.write(`${readState(stateDir)?.holder?.pid}\n`)
