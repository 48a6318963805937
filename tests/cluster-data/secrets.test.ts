/** Which secrets lie on which VM, and why: one that is not on this list is one too many. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { OverlayFile } from '../../src/cluster/overlay-file.ts'
import { clientFilesOf } from '../../src/cluster/render/clients.ts'
import { concerns } from '../../src/cluster/render/describe-cluster.ts'
import { vmFolder } from '../../src/cluster/render/vm-folder.ts'
import type { ClusterSpec, Role, VmSpec } from '../../src/cluster/spec.ts'
import { overlayOf, specWith } from './sample.ts'

type Reasons = Readonly<Record<string, string>>

/** Paths in the VM's folder. */
const expected: Readonly<Record<Role, Reasons>> = {
  'control-plane': {
    'admin.kubeconfig': 'people administer a cluster from here, as with kubeadm',
    'controller-manager.kubeconfig': 'the controller-manager is a client of the API',
    'scheduler.kubeconfig': 'the scheduler is a client of the API',
    'pki/apiserver.pem': 'the apiserver serves with it',
    'pki/next/apiserver.pem': 'takes its place when it is renewed',
    'pki/next/apiserver-by-other-authority.pem': 'takes its place when the authority is replaced',
    'pki/apiserver-etcd-client.key': 'the apiserver is a client of etcd',
    'pki/apiserver-kubelet-client.key': 'the apiserver is a client of kubelets: logs, exec',
    'pki/front-proxy-client.key': 'the apiserver passes requests on to API servers of others',
    'pki/sa.key': 'the apiserver and the controller-manager sign tokens of service accounts',
  },
  worker: {},
  etcd: {
    'pki/etcd-server.key': 'the member serves its clients with it',
    'pki/etcd-peer.key': 'the member speaks to its peers with it',
    'pki/etcd-client.key': 'etcdctl on this VM is a client',
  },
  'load-balancer': {
    'pki/health-check.pem': 'haproxy asks apiservers whether they are ready, and may do nothing else',
  },
  router: {},
  tester: {},
}

/** On every VM that runs pods, control-plane VMs among them. */
const ofNodes: Reasons = {
  'kubelet.kubeconfig': 'kubelet is a client of the API',
  'pki/kubelet.key': 'kubelet serves logs and exec with it',
  'kube-proxy.kubeconfig': 'kube-proxy is a client of the API',
}

const isSecret = ({ content }: OverlayFile): boolean => /PRIVATE KEY|client-key-data/.test(String(content))

const wanted = ({ kubernetes }: ClusterSpec, { roles }: VmSpec): readonly string[] => {
  const wants = roles.filter(role => kubernetes !== undefined || role === 'etcd').map(role => expected[role])
  const isNode = kubernetes !== undefined && roles.some(role => role === 'control-plane' || role === 'worker')
  return [...wants, ...(isNode ? [ofNodes] : [])].flatMap(reasons => Object.keys(reasons)).sort()
}

for (const [name, spec] of [
  ['external', specWith({ ntesters: 1 })],
  ['stacked', specWith({ topology: 'stacked' })],
  ['etcd alone', specWith({ k8sDisable: true })],
  ['Kubernetes 1.36', specWith({ kubernetes: '1.36.3' })],
  ['Kubernetes 1.20 with programs of 1.36', { ...specWith(), other: { kubernetes: '1.36.3' } }],
] as const)
  test(`each VM has the secrets of its roles and no others: ${name}`, async () => {
    const files = [...(await overlayOf(spec)).values()]
    const secrets = files.filter(isSecret)
    for (const vm of spec.vms) {
      const folder = `${vmFolder(vm)}/`
      const own = secrets.filter(({ path }) => concerns(path, vm, spec)).map(({ path }) => path.replace(folder, ''))
      assert.deepEqual(own.sort(), wanted(spec, vm), `${vm.name}: ${vm.roles.join(', ')}`)
    }
    const modes = new Set(secrets.map(({ mode }) => mode.toString(8)))
    assert.deepEqual([...modes], ['600'], 'nobody but root reads them')
  })

test('no VM has the key of an authority', async () => {
  const paths = [...(await overlayOf(specWith())).keys()]
  assert.deepEqual(
    paths.filter(path => /ca\.key$/.test(path)),
    [],
  )
})

test('clients outside of the VMs find what they need in the overlay', async () => {
  for (const spec of [specWith(), specWith({ topology: 'stacked' }), specWith({ k8sDisable: true })]) {
    const files = await overlayOf(spec)
    const { kubeconfig, etcd } = clientFilesOf(spec)
    assert.equal(kubeconfig === undefined, spec.kubernetes === undefined)
    for (const path of [...(kubeconfig === undefined ? [] : [kubeconfig]), ...Object.values(etcd ?? {})])
      assert.ok(files.has(path), path)
  }
})

for (const [version, flag] of [
  ['1.20.2', '--port=0'],
  ['1.36.3', undefined],
] as const)
  test(`controller-manager and scheduler answer nobody without authentication (${version})`, async () => {
    const files = await overlayOf(specWith({ kubernetes: version }))
    for (const program of ['controller-manager', 'scheduler'])
      for (const vm of ['vm-001', 'vm-002']) {
        const { content } = files.get(`etc/k8s-ha/${vm}/kube-${program}.flags`) ?? assert.fail()
        assert.deepEqual(String(content).match(/^--port=.*$/m)?.[0], flag, 'removed with 1.24')
      }
  })
