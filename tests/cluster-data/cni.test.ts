/** Choosing a CNI: what it brings is rendered, what it needs is in the image, and what does not exist is refused. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { safeParse } from 'valibot'
import { parse } from 'yaml'
import { cniNames, cniOf } from '../../src/cluster/cni/choose-cni.ts'
import { nodes } from '../../src/cluster/spec.ts'
import { overlayWith } from '../../tasks/cluster/overlay-with.ts'
import { overlayOf, projectDir, specWith, textOf } from './sample.ts'

test('a CNI that does not exist is refused with the names of those that do', () => {
  const { cluster, pki } = { cluster: { family: 'IPv4', etcd_vms: '', lb_vms: '', masters: '', nvm: 0 }, pki: 'pki' }
  assert.ok(safeParse(overlayWith, { cluster, pki, cni: 'bridge' }).success)
  const { issues = [] } = safeParse(overlayWith, { cluster, pki, cni: 'flannel' })
  assert.deepEqual(
    issues.map(({ message }) => message),
    ['there is no CNI "flannel": bridge, ptp, or a folder (/… or ./…), see docs/cni.md'],
  )
  for (const folder of ['./flannel', '../flannel', '/flannel'])
    assert.ok(safeParse(overlayWith, { cluster, pki, cni: folder }).success, folder)
})

test('the parameter names every CNI, and bridge is the default', () => {
  const { params } = parse(readFileSync(`${projectDir}/workflows/parts/cluster-params.yaml`, 'utf8'))
  assert.equal(params.cni.default, 'bridge')
  assert.ok(params.cni.description.includes(cniNames.join(', ')), params.cni.description)
})

for (const cni of cniNames) {
  test(`the VM image has the packages that ${cni} needs`, () => {
    const { tasks } = parse(readFileSync(`${projectDir}/workflows/parts/image.yaml`, 'utf8'))
    const lacking = cniOf({ cni }).packages.filter(name => !tasks.image.with.packages.includes(name))
    assert.deepEqual(lacking, [])
  })

  test(`every node gets the configuration of ${cni}, from where it is copied at boot, and nobody else`, async () => {
    const spec = specWith({ cni, family: 'dual' })
    const files = await overlayOf(spec)
    const having = spec.vms.filter(vm => [...files.keys()].some(path => path.startsWith(`etc/k8s-ha/${vm.name}/cni/`)))
    assert.deepEqual(having, nodes(spec))
    assert.match(textOf(files, 'etc/init.d/50node.rc'), /cp "\$dir"\/cni\/\* \/etc\/cni\/net\.d\/$/m)
    assert.match(textOf(files, 'etc/k8s-ha/vm-001/kube-controller-manager.flags'), /^--allocate-node-cidrs=false$/m)
  })
}

test('bridge: a node has a range of each family, and every VM routes to the ranges of other nodes', async () => {
  const spec = specWith({ cni: 'bridge', family: 'dual' })
  const files = await overlayOf(spec)
  const { plugins } = JSON.parse(textOf(files, 'etc/k8s-ha/vm-003/cni/10-bridge.conflist'))
  assert.deepEqual(plugins[0].ipam.ranges, [[{ subnet: '10.244.3.0/24' }], [{ subnet: 'fd00:244:3::/64' }]])
  const route = /^route replace 10\.244\.3\.0\/24 via 192\.168\.1\.3 dev eth1$/m
  for (const { name } of spec.vms)
    assert.equal(route.test(textOf(files, `etc/k8s-ha/${name}/network.ip`)), name !== 'vm-003', name)
})

test('ptp: a node has a range and a default route of each family, and the same routes as with bridge', async () => {
  const spec = specWith({ cni: 'ptp', family: 'dual' })
  const files = await overlayOf(spec)
  const { plugins } = JSON.parse(textOf(files, 'etc/k8s-ha/vm-003/cni/10-ptp.conflist'))
  assert.deepEqual(plugins[0].ipam.ranges, [[{ subnet: '10.244.3.0/24' }], [{ subnet: 'fd00:244:3::/64' }]])
  assert.deepEqual(plugins[0].ipam.routes, [{ dst: '0.0.0.0/0' }, { dst: '::/0' }])
  const withBridge = await overlayOf(specWith({ cni: 'bridge', family: 'dual' }))
  for (const { name } of spec.vms)
    assert.equal(textOf(files, `etc/k8s-ha/${name}/network.ip`), textOf(withBridge, `etc/k8s-ha/${name}/network.ip`))
})

test('a folder: nodes get no configuration and no routes to pods, and Node objects get ranges of each family', async () => {
  const wants = { mounts: ['bpf'], modules: [] } as const
  const spec = { ...specWith({ cni: './my-cni', family: 'dual' }), cniWants: wants }
  const files = await overlayOf(spec)
  assert.deepEqual(
    [...files.keys()].filter(path => path.includes('/cni/')),
    [],
  )
  for (const { name } of spec.vms) assert.ok(!textOf(files, `etc/k8s-ha/${name}/network.ip`).includes('10.244.'), name)
  const flags = textOf(files, 'etc/k8s-ha/vm-001/kube-controller-manager.flags')
  assert.match(flags, /^--allocate-node-cidrs=true$/m)
  assert.match(flags, /^--cluster-cidr=10\.244\.0\.0\/16,fd00:244::\/48$/m)
  assert.equal(textOf(files, 'etc/k8s-ha/vm-003/mounts'), 'bpf /sys/fs/bpf\n')
  assert.ok(!files.has('etc/k8s-ha/vm-193/mounts'), 'a VM that is no node mounts it')
})
