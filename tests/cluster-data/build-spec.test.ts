/** From settings to a cluster: numbering, addresses, VIPs, and every way to get them wrong. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { buildSpec, type ClusterSettings } from '../../src/cluster/build-spec.ts'
import { addressOf, nodes, withRole } from '../../src/cluster/spec.ts'
import { settings, specWith } from './sample.ts'

const ids = (vms: readonly { readonly id: number }[]) => vms.map(({ id }) => id)

test('lists of VMs are read in every form that users write', () => {
  for (const etcdVms of ['193 194 195', '193,194,195', '193-195', '193, 194-195', 'vm-193 vm-194 vm-195'])
    assert.deepEqual(ids(withRole(specWith({ etcdVms }), 'etcd')), [193, 194, 195])
})

test('the VMs up to nvm are control planes and workers', () => {
  const spec = specWith({ masters: '001-003', nvm: 7 })
  assert.deepEqual(ids(withRole(spec, 'control-plane')), [1, 2, 3])
  assert.deepEqual(ids(withRole(spec, 'worker')), [4, 5, 6, 7])
  assert.deepEqual(ids(nodes(spec)), [1, 2, 3, 4, 5, 6, 7])
})

test('interfaces have the addresses and MACs of xcluster, IPv6 in canonical form', () => {
  const vm = withRole(specWith(), 'etcd')[0]
  assert.deepEqual(vm?.interfaces, [
    { name: 'eth0', mac: '00:00:00:01:00:c1', addresses: ['192.168.0.193/24'] },
    { name: 'eth1', mac: '00:00:00:01:01:c1', addresses: ['192.168.1.193/24', 'fd00::c0a8:1c1/120'] },
  ])
})

test('the prefix is read as we and as the ancestor write it', () => {
  const address = (prefix: string) => specWith({ family: 'IPv6', prefix }).vips
  assert.deepEqual(address('fd00::'), ['fd00::c0a8:1c8'])
  assert.deepEqual(address('fd00:'), ['fd00::c0a8:1c8'])
  assert.deepEqual(address('1000::1'), ['1000::1:c0a8:1c8'])
})

test('the VIP is .200 with keepalived, else the first load balancer itself; of each family', () => {
  assert.deepEqual(specWith().vips, ['192.168.1.200'])
  assert.deepEqual(specWith({ family: 'dual' }).vips, ['192.168.1.200', 'fd00::c0a8:1c8'])
  assert.deepEqual(specWith({ keepalived: false, lbVms: '192 191' }).vips, ['192.168.1.192'])
  assert.deepEqual(specWith({ family: 'dual', lbIp: 'fd00::9,192.168.1.99' }).vips, ['192.168.1.99', 'fd00::9'])
})

test('the first named load balancer comes first', () => {
  assert.deepEqual(ids(withRole(specWith({ lbVms: '192 191' }), 'load-balancer')), [192, 191])
})

test('etcd uses the family of the cluster unless told otherwise', () => {
  assert.equal(specWith({ family: 'IPv6' }).etcdFamily, 'IPv6')
  assert.equal(specWith({ family: 'IPv6', etcdFamily: 'IPv4' }).etcdFamily, 'IPv4')
})

test('stacked: etcd is on the control-plane VMs and nowhere else', () => {
  const spec = specWith({ topology: 'stacked', masters: '1-3' })
  assert.deepEqual(ids(withRole(spec, 'etcd')), [1, 2, 3])
  assert.equal(addressOf(withRole(spec, 'etcd')[0] ?? assert.fail(), 'IPv4'), '192.168.1.1')
})

test('etcd alone needs neither load balancers nor nodes', () => {
  const spec = specWith({ k8sDisable: true, lbVms: '', nvm: 0, nrouters: 0 })
  assert.deepEqual(ids(spec.vms), [193, 194, 195])
  assert.deepEqual(spec.vips, [])
})

test('etcd members, and nobody else, have a disk of their own when they are to', () => {
  const withDisks = (changes: Partial<ClusterSettings>) => specWith(changes).vms.filter(vm => vm.disks !== undefined)
  assert.deepEqual(withDisks({}), [])
  assert.deepEqual(ids(withDisks({ etcdDisk: 256 })), [193, 194, 195])
  assert.deepEqual(ids(withDisks({ etcdDisk: 256, topology: 'stacked' })), [1, 2])
  assert.deepEqual(withDisks({ etcdDisk: 256 })[0]?.disks, [{ folder: '/var/lib/etcd', mib: 256 }])
})

const mistakes: readonly (readonly [string, Partial<ClusterSettings>, RegExp])[] = [
  ['a word among numbers', { etcdVms: '193 two' }, /etcd_vms "193 two": "two" is neither/],
  ['a backward range', { lbVms: '192-191' }, /lb_vms .* runs backwards/],
  ['a VM named twice in a list', { masters: '1 1' }, /VM 1 is named twice/],
  ['an etcd VM below its range', { etcdVms: '5' }, /VM 5 in etcd_vms: its numbers are 191 to 199/],
  ['a load balancer that is a router number', { lbVms: '201' }, /VM 201 in lb_vms/],
  ['a master beyond last_node', { masters: '1 180', lastNode: 150 }, /VM 180 in masters: its numbers are 1 to 150/],
  ['overlapping lists', { lbVms: '191 193' }, /VM 193 twice: both etcd_vms and lb_vms/],
  ['a master that nvm leaves out', { masters: '1-5' }, /master VM 5 is not among the 4 VMs/],
  ['no etcd', { etcdVms: '' }, /etcd_vms names no VM/],
  ['no load balancer', { lbVms: '' }, /lb_vms names no VM/],
  ['no master', { masters: ' ' }, /masters names no VM/],
  ['too many routers', { nrouters: 21 }, /nrouters 21: .* from 0 to 20/],
  ['a prefix that is none', { prefix: 'fd00' }, /prefix "fd00"/],
  ['a VIP of the wrong family', { lbIp: 'fd00::1' }, /lb_ip "fd00::1": it must be one IPv4 address/],
  ['a disk that is smaller than what etcd reserves', { etcdDisk: 128 }, /etcd_disk 128: .* at least 192 MiB/],
  ['no room for load balancers', { lastNode: 199 }, /last_node 199/],
]
for (const [what, changes, message] of mistakes)
  test(`${what} is a usage error that names the setting`, () => {
    const built = buildSpec({ ...settings, ...changes })
    assert.ok(!built.ok)
    assert.equal(built.failure.kind, 'usage')
    assert.match(built.failure.message, message)
  })

test('all mistakes are reported at once', () => {
  const built = buildSpec({ ...settings, etcdVms: '5 6', lbVms: '300' })
  assert.ok(!built.ok)
  assert.equal(1 + (built.failure.also?.length ?? 0), 3)
})
