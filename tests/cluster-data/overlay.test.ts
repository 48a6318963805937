/** What is rendered onto the VMs: who gets what, and the rules that a wrong configuration would break. */
import assert from 'node:assert/strict'
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { test } from 'node:test'
import { parse } from 'yaml'
import type { OtherOn } from '../../src/cluster/build-spec.ts'
import type { Family } from '../../src/cluster/spec.ts'
import { makeTar } from '../../src/cluster/tar.ts'
import { overlayOf, specWith, textOf } from './sample.ts'

const families: readonly Family[] = ['IPv4', 'IPv6', 'dual']
const vm = (id: string, file: string) => `etc/k8s-ha/vm-${id}/${file}`

for (const family of families) {
  test(`brackets are where they belong: around IPv6 before a port, never around IPv4 (${family})`, async () => {
    for (const [path, { content }] of await overlayOf(specWith({ family }))) {
      if (path.includes('/pki/') || typeof content !== 'string') continue
      assert.doesNotMatch(content, /\[\d+\.\d+\.\d+\.\d+\]/, `${path} has brackets around IPv4`)
      assert.doesNotMatch(content, /\/\/[0-9a-f]*:[0-9a-f:]*[0-9a-f]/, `${path} has an IPv6 URL without brackets`)
      assert.doesNotMatch(content, /\$\{/, `${path} has an unfilled variable`)
    }
  })

  test(`nothing of a single-family cluster's services uses the other family (${family})`, async () => {
    const files = await overlayOf(specWith({ family }))
    const other = { IPv4: /\[[0-9a-f:]+\]:(2379|2380|6443)/, IPv6: /192\.168\.1\.\d+:(2379|2380|6443)/, dual: /\0/ }
    for (const file of ['etcd.yaml', 'haproxy.cfg', 'kube-apiserver.flags', 'kubelet.kubeconfig'])
      for (const [path, { content }] of files)
        if (path.endsWith(file))
          assert.doesNotMatch(String(content).replaceAll(/(127\.0\.0\.1|\[::1\]):\d+/g, ''), other[family], path)
  })

  test(`keepalived's instances: one per family, distinct priorities, the same router id (${family})`, async () => {
    const files = await overlayOf(specWith({ family, lbVms: '192 191' }))
    for (const one of family === 'dual' ? ['IPv4', 'IPv6'] : [family]) {
      const [first, second] = ['192', '191'].map(id => textOf(files, vm(id, `vrrp-${one}.conf`)))
      const number = (text = '', key = '') => Number(new RegExp(`^ *${key} (\\d+)$`, 'm').exec(text)?.[1])
      assert.ok(number(first, 'priority') > number(second, 'priority'))
      assert.equal(number(first, 'virtual_router_id'), number(second, 'virtual_router_id'))
      assert.match(first ?? '', one === 'IPv6' ? /fd00::c0a8:1c8\/128 dev eth1/ : /192\.168\.1\.200\/32 dev eth1/)
      assert.match(first ?? '', /track_script \{\s+haproxy/)
    }
    assert.equal(/vrrp_sync_group/.test(textOf(files, vm('191', 'keepalived.conf'))), family === 'dual')
  })
}

test('each VM gets what its roles need and nothing else', async () => {
  const files = await overlayOf(specWith())
  const services = ['etcd.yaml', 'haproxy.cfg', 'keepalived.conf', 'kube-apiserver.flags', 'kubelet.flags']
  const has = (id: string) => services.filter(service => files.has(vm(id, service)))
  assert.deepEqual(has('001'), ['kube-apiserver.flags', 'kubelet.flags'])
  assert.deepEqual(has('004'), ['kubelet.flags'])
  assert.deepEqual(has('191'), ['haproxy.cfg', 'keepalived.conf'])
  assert.deepEqual(has('193'), ['etcd.yaml'])
  assert.deepEqual(has('201'), [])
  assert.ok(files.has(vm('201', 'network.ip')))
})

test('without Kubernetes only etcd starts', async () => {
  const files = await overlayOf(specWith({ k8sDisable: true }))
  const started = [...files.keys()].filter(path => /\/(haproxy\.cfg|keepalived\.conf|[a-z-]+\.flags)$/.test(path))
  assert.deepEqual(started, [])
  assert.ok(files.has(vm('193', 'etcd.yaml')))
  assert.deepEqual(
    [...files.keys()].filter(path => path.endsWith('.kubeconfig')),
    [],
  )
})

test('without keepalived nothing of it is configured, and clients use the first load balancer', async () => {
  const files = await overlayOf(specWith({ keepalived: false }))
  assert.ok(!files.has(vm('191', 'keepalived.conf')))
  assert.equal(
    parse(textOf(files, vm('001', 'admin.kubeconfig'))).clusters[0].cluster.server,
    'https://192.168.1.191:6443',
  )
})

test('every kubeconfig points to the VIP', async () => {
  const files = await overlayOf(specWith({ family: 'IPv6' }))
  const kubeconfigs = [...files.keys()].filter(path => path.endsWith('.kubeconfig'))
  assert.equal(kubeconfigs.length, 2 * 3 + 4 * 2)
  for (const path of kubeconfigs)
    assert.equal(parse(textOf(files, path)).clusters[0].cluster.server, 'https://[fd00::c0a8:1c8]:6443', path)
})

test('every load balancer checks every apiserver, and every apiserver knows every etcd member', async () => {
  const files = await overlayOf(specWith({ masters: '1-3' }))
  for (const id of ['191', '192']) {
    const config = textOf(files, vm(id, 'haproxy.cfg'))
    const servers = [1, 2, 3].map(n => `    server vm-00${n} 192.168.1.${n}:6443`)
    for (const backend of ['apiservers', 'apiservers-with-etcd'])
      assert.deepEqual(serversOf(config, backend), servers, backend)
    assert.match(config, /default-server check check-ssl verify required/)
    assert.match(config, /on-marked-down shutdown-sessions/)
  }
  for (const id of ['001', '002', '003'])
    assert.match(
      textOf(files, vm(id, 'kube-apiserver.flags')),
      /^--etcd-servers=https:\/\/192\.168\.1\.193:2379,https:\/\/192\.168\.1\.194:2379,https:\/\/192\.168\.1\.195:2379$/m,
    )
})

/** The lines of a backend that name its servers. */
function serversOf(config: string, backend: string): readonly string[] {
  const [, lines = ''] = new RegExp(`^backend ${backend}\\n((?:.+\\n)*)`, 'm').exec(config) ?? []
  return lines.match(/^ +server .*$/gm) ?? []
}

test('haproxy asks each apiserver for more than one that does not reach etcd only while another one does', async () => {
  const config = textOf(await overlayOf(specWith({ family: 'IPv6' })), vm('191', 'haproxy.cfg'))
  assert.match(config, /backend apiservers-with-etcd\n(?:.+\n)*? {4}http-check send meth GET uri \/readyz\n/)
  assert.match(config, /\{ path_beg \/preferred\/ \} \{ nbsrv\(apiservers-with-etcd\) eq 0 \}/)
  for (const name of ['vm-001', 'vm-002'])
    assert.match(
      config,
      new RegExp(`\\{ path /preferred/${name} \\} \\{ srv_is_up\\(apiservers-with-etcd/${name}\\) \\}`),
    )
})

test('each load balancer asks the others whether they reach an apiserver, and keepalived asks whether that matters', async () => {
  const files = await overlayOf(specWith())
  assert.deepEqual(serversOf(textOf(files, vm('191', 'haproxy.cfg')), 'balancers'), [
    '    server vm-192 192.168.1.192:6444',
  ])
  assert.deepEqual(serversOf(textOf(files, vm('192', 'haproxy.cfg')), 'balancers'), [
    '    server vm-191 192.168.1.191:6444',
  ])
  assert.match(textOf(files, vm('191', 'vrrp-IPv4.conf')), /track_script \{\s+haproxy\s+apiservers\s+\}/)
})

test('etcd: all members agree on the cluster, each listens on itself and on localhost', async () => {
  const files = await overlayOf(specWith({ family: 'IPv6' }))
  const configs = ['193', '194', '195'].map(id => parse(textOf(files, vm(id, 'etcd.yaml'))))
  assert.equal(new Set(configs.map(config => config['initial-cluster'])).size, 1)
  assert.equal(configs[1]['listen-client-urls'], 'https://[fd00::c0a8:1c2]:2379,https://[::1]:2379')
  assert.equal(configs[1]['strict-reconfig-check'], true)
  const [clients, peers] = ['client', 'peer'].map(one => configs[1][`${one}-transport-security`])
  assert.deepEqual([clients['client-cert-auth'], peers['client-cert-auth']], [true, true])
  assert.notEqual(clients['trusted-ca-file'], peers['trusted-ca-file'], 'a client must not become a member')
})

test('etcd may use another family than Kubernetes', async () => {
  const files = await overlayOf(specWith({ family: 'IPv6', etcdFamily: 'IPv4' }))
  assert.match(textOf(files, vm('001', 'kube-apiserver.flags')), /--etcd-servers=https:\/\/192\.168\.1\.193:2379/)
  assert.match(textOf(files, vm('001', 'kube-apiserver.flags')), /--advertise-address=fd00::c0a8:101/)
})

test('routers spread the load-balancer addresses over all workers; nodes go through the router', async () => {
  const files = await overlayOf(specWith({ family: 'dual' }))
  const router = textOf(files, vm('201', 'network.ip'))
  assert.match(
    router,
    /^route replace 10\.0\.0\.0\/24 nexthop via 192\.168\.1\.3 dev eth1 nexthop via 192\.168\.1\.4 dev eth1$/m,
  )
  assert.match(router, /^route replace fd00::a00:0\/120 nexthop via fd00::c0a8:103 dev eth1 nexthop via /m)
  assert.doesNotMatch(router, /0\.0\.0\.0\/0/)
  assert.match(textOf(files, vm('003', 'network.ip')), /^route replace 0\.0\.0\.0\/0 via 192\.168\.1\.201 dev eth1$/m)
  assert.match(
    textOf(await overlayOf(specWith({ nrouters: 0 })), vm('003', 'network.ip')),
    /^route replace 0\.0\.0\.0\/0 dev eth1$/m,
  )
})

test('stacked: a control-plane VM has etcd beside its apiserver', async () => {
  const files = await overlayOf(specWith({ topology: 'stacked' }))
  assert.match(textOf(files, vm('001', 'etcd.yaml')), /vm-001=https:\/\/192\.168\.1\.1:2380,vm-002=/)
  assert.ok(files.has(vm('001', 'kube-apiserver.flags')))
})

test('an apiserver serves with a pair in one file, and the next pair lies beside it', async () => {
  const files = await overlayOf(specWith())
  for (const id of ['001', '002']) {
    const flags = textOf(files, vm(id, 'kube-apiserver.flags'))
    for (const flag of ['tls-cert-file', 'tls-private-key-file'])
      assert.match(flags, new RegExp(`^--${flag}=/etc/k8s-ha/vm-${id}/pki/apiserver\\.pem$`, 'm'))
    const pairs = ['pki/apiserver.pem', 'pki/next/apiserver.pem'].map(file => textOf(files, vm(id, file)))
    for (const pair of pairs) assert.ok(new X509Certificate(pair).checkPrivateKey(createPrivateKey(pair)))
    assert.notEqual(pairs[0], pairs[1])
  }
})

test('only the owner can read keys, kubeconfigs and combined certificates', async () => {
  for (const [path, { mode, content }] of await overlayOf(specWith()))
    if (/PRIVATE KEY|client-key-data/.test(Buffer.from(content).toString('latin1'))) assert.equal(mode, 0o600, path)
})

test('rc scripts and programs are executable, templates stay behind', async () => {
  const files = await overlayOf(specWith())
  for (const [path, { mode }] of files) {
    if (/^(etc\/init\.d|usr\/(local\/)?bin|usr\/lib\/k8s-ha)\//.test(path)) assert.equal(mode, 0o755, path)
    assert.ok(!path.endsWith('.template'), path)
    // Links in the VM image, which a folder of the overlay would hide.
    assert.doesNotMatch(path, /^(bin|sbin|lib|lib64)\//)
  }
  assert.ok(!files.has('tar'))
})

test('the same files give the same bytes, in whatever order they come', async () => {
  const files = [...(await overlayOf(specWith())).values()]
  const [one, other] = [await makeTar(files), await makeTar(files.toReversed())]
  assert.deepEqual(Buffer.from(one), Buffer.from(other))
})

test('programs of another version have their own flags and configuration beside the first ones', async () => {
  const files = await overlayOf(specWith({ kubernetes: '1.26.0', other: { kubernetes: '1.27.1' } }))
  const text = (file: string) => textOf(files, vm('001', file))
  assert.match(text('kubelet.flags'), /^--config=\/etc\/k8s-ha\/vm-001\/kubelet\.yaml$/m)
  assert.match(text('kubelet.flags'), /^--container-runtime=remote$/m)
  assert.match(text('other/kubelet.flags'), /^--config=\/etc\/k8s-ha\/vm-001\/other\/kubelet\.yaml$/m)
  assert.doesNotMatch(text('other/kubelet.flags'), /--container-runtime=/)
  assert.match(text('other/kube-apiserver.flags'), /^--tls-cert-file=\/etc\/k8s-ha\/vm-001\/pki\/apiserver\.pem$/m)
  const others = [...files.keys()].filter(path => path.startsWith(vm('003', 'other/')))
  assert.deepEqual(
    others.map(path => path.slice(vm('003', 'other/').length)),
    ['kube-proxy.flags', 'kubelet.flags', 'kubelet.yaml'],
  )
  const without = await overlayOf(specWith({ kubernetes: '1.36.3', other: { etcd: '3.6.16' } }))
  assert.ok(![...without.keys()].some(path => path.includes('/other/') || path.includes('/runs-other/')))
})

test('a cluster may run programs of the other version from the beginning', async () => {
  const running = async (otherOn: OtherOn) =>
    [...(await overlayOf(specWith({ other: { kubernetes: '1.33.0' }, otherOn }))).keys()]
      .filter(path => path.includes('/runs-other/'))
      .map(path => path.replace(/^etc\/k8s-ha\/(.*)\/runs-other\//, '$1 '))
  assert.deepEqual(await running('one-apiserver'), ['vm-001 kube-apiserver'])
  const programs = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler']
  assert.deepEqual(
    await running('control-plane'),
    ['vm-001', 'vm-002'].flatMap(name => programs.map(program => `${name} ${program}`)),
  )
})
