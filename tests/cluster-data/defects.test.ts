/** Planted defects: each changes what it says and nothing else, and the workflow that tries them knows all of them. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { parse } from 'yaml'
import { defects, plantDefect } from '../../src/cluster/defects/plant-defect.ts'
import { overlayOf, projectDir, specWith, unwrap } from './sample.ts'

const spec = specWith({ nvm: 3, nrouters: 0 })
const healthy = await overlayOf(spec)

/** A line that is there twice must be taken away twice. */
function without(lines: readonly string[], taken: readonly string[]): readonly string[] {
  const left = [...taken]
  return lines.filter(line => {
    const at = left.indexOf(line)
    if (at >= 0) left.splice(at, 1)
    return at < 0
  })
}

/** Each changed line with its sign, by file: the VM's own folder and name are left out. */
function changesOf(name: string): Readonly<Record<string, readonly string[]>> {
  const planted = new Map(
    unwrap(plantDefect(name, [...healthy.values()], spec)).map(file => [
      file.path,
      Buffer.from(file.content).toString(),
    ]),
  )
  const changes: Record<string, string[]> = {}
  for (const [path, { content }] of healthy) {
    const [before, after] = [Buffer.from(content).toString(), planted.get(path)]
    if (after === before) continue
    const short = path.replace('etc/k8s-ha/', '')
    if (after === undefined) {
      changes[short] = ['gone']
      continue
    }
    const [old, now] = [before.split('\n'), after.split('\n')]
    changes[short] = [
      ...without(old, now).map(line => `- ${line.trim()}`),
      ...without(now, old).map(line => `+ ${line.trim()}`),
    ]
  }
  for (const path of planted.keys()) if (!healthy.has(path)) changes[path.replace('etc/k8s-ha/', '')] = ['added']
  return changes
}

const both = (file: string, lines: readonly string[]) => ({ [`vm-191/${file}`]: lines, [`vm-192/${file}`]: lines })
const masters = (file: string, lines: readonly string[]) => ({ [`vm-001/${file}`]: lines, [`vm-002/${file}`]: lines })
const members = (file: string, lines: readonly string[]) =>
  Object.fromEntries([193, 194, 195].map(id => [`vm-${id}/${file}`, lines]))

const otherRange = ['- --service-cluster-ip-range=10.96.0.0/16', '+ --service-cluster-ip-range=10.97.0.0/16']

const expected: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  'haproxy-one-apiserver': both('haproxy.cfg', ['- server vm-002 192.168.1.2:6443']),
  'haproxy-no-check': both('haproxy.cfg', [
    '- default-server check check-ssl verify required ca-file /etc/k8s-ha/pki/ca.crt crt DIR/pki/health-check.pem',
    '+ default-server verify required ca-file /etc/k8s-ha/pki/ca.crt crt DIR/pki/health-check.pem',
  ]),
  'backup-knows-one-apiserver': { 'vm-192/haproxy.cfg': ['- server vm-002 192.168.1.2:6443'] },
  'haproxy-slow-check': both('haproxy.cfg', [
    '- default-server inter 1000ms fastinter 500ms downinter 500ms fall 2 rise 1',
    '+ default-server inter 20s fastinter 20s downinter 500ms fall 3 rise 1',
  ]),
  'haproxy-keeps-sessions': both('haproxy.cfg', ['- default-server on-marked-down shutdown-sessions']),
  'haproxy-short-idle': both('haproxy.cfg', [
    ...['client', 'server', 'tunnel'].map(name => `- timeout ${name} 3600000ms`),
    ...['client', 'server', 'tunnel'].map(name => `+ timeout ${name} 3s`),
  ]),
  'keepalived-on-one': { 'vm-192/keepalived.conf': ['gone'] },
  'vrrp-ids-differ': { 'vm-192/vrrp-IPv4.conf': ['- virtual_router_id 51', '+ virtual_router_id 52'] },
  'vrrp-rare-adverts': { 'vm-191/vrrp-IPv4.conf': ['- advert_int 1', '+ advert_int 5'] },
  'no-track-script': both('vrrp-IPv4.conf', ['- track_script {', '- haproxy', '- apiservers', '- }']),
  'slow-track-script': both('keepalived.conf', ['- interval 1', '+ interval 20']),
  'haproxy-ignores-etcd': both('haproxy.cfg', [
    '- http-check connect addr 127.0.0.1 port 6444',
    '- http-check send meth GET uri-lf /preferred/%[srv_name]',
    '- http-check expect status 200',
  ]),
  'keepalived-ignores-backends': both('vrrp-IPv4.conf', ['- apiservers']),
  'keepalived-small-weight': both('keepalived.conf', ['+ weight 2']),
  'keepalived-no-refresh': both('keepalived.conf', [
    '- vrrp_garp_master_refresh 5',
    '- vrrp_garp_master_refresh_repeat 1',
    '- vrrp_higher_prio_send_advert true',
  ]),
  'etcd-state-new': members('etcd.yaml', [
    "- initial-cluster-state: '@BY_DATA_FOLDER@'",
    '+ initial-cluster-state: new',
  ]),
  'etcd-on-tmpfs': members('etcd.yaml', ['- data-dir: /var/lib/etcd', '+ data-dir: /run/etcd-data']),
  'etcd-slow-election': members('etcd.yaml', ['- election-timeout: 1000', '+ election-timeout: 10000']),
  'etcd-no-pre-vote': members('etcd.yaml', ['- pre-vote: true', '+ pre-vote: false']),
  'etcd-not-supervised': {
    'etc/init.d/20etcd.rc': [
      '- supervise etcd /usr/lib/k8s-ha/run-etcd',
      '+ setsid /usr/lib/k8s-ha/run-etcd </dev/null >/var/log/etcd.log 2>&1 &',
      '+ echo $! >/run/etcd.pid',
    ],
  },
  'etcd-split': {
    'vm-195/etcd.yaml': [
      `- initial-cluster: ${[193, 194, 195].map(id => `vm-${id}=https://192.168.1.${id}:2380`).join(',')}`,
      '- initial-cluster-token: k8s-ha',
      '+ initial-cluster: vm-195=https://192.168.1.195:2380',
      '+ initial-cluster-token: another',
    ],
  },
  'etcd-peer-without-address': Object.fromEntries(
    [193, 194, 195].map(id => [
      `vm-${id}/etcd.yaml`,
      ['- 192.168.1', '+ 192.168.0'].flatMap(one => {
        const [sign = '', net = ''] = one.split(' ')
        const members = ['vm-193=https://192.168.1.193', 'vm-194=https://192.168.1.194', `vm-195=https://${net}.195`]
        const urls = ['listen', 'initial-advertise'].map(which => `${sign} ${which}-peer-urls: https://${net}.195:2380`)
        const cluster = `${sign} initial-cluster: ${members.map(member => `${member}:2380`).join(',')}`
        return [cluster, ...(id === 195 ? urls : [])]
      }),
    ]),
  ),
  'encryption-keys-differ': {
    ...masters('kube-apiserver.flags', ['+ --encryption-provider-config=DIR/encryption.yaml']),
    ...masters('encryption.yaml', ['added']),
  },
  'serving-cert-without-service': {
    ...masters('kube-apiserver.flags', otherRange),
    ...masters('kube-controller-manager.flags', otherRange),
  },
  'service-ranges-differ': {
    'vm-002/kube-apiserver.flags': otherRange,
    'vm-002/kube-controller-manager.flags': otherRange,
  },
  'kubelet-client-refused': {
    'vm-002/kube-apiserver.flags': ['- apiserver-kubelet-client', '+ apiserver-etcd-client'].flatMap(one => [
      one.replace(' ', ' --kubelet-client-certificate=DIR/pki/').concat('.crt'),
      one.replace(' ', ' --kubelet-client-key=DIR/pki/').concat('.key'),
    ]),
  },
  'apiserver-one-etcd': masters('kube-apiserver.flags', [
    `- --etcd-servers=${[193, 194, 195].map(id => `https://192.168.1.${id}:2379`).join(',')}`,
    '+ --etcd-servers=https://192.168.1.193:2379',
  ]),
  'apiserver-own-etcd': Object.fromEntries(
    [1, 2].map(id => [
      `vm-00${id}/kube-apiserver.flags`,
      [
        `- --etcd-servers=${[193, 194, 195].map(one => `https://192.168.1.${one}:2379`).join(',')}`,
        `+ --etcd-servers=https://192.168.1.${192 + id}:2379`,
      ],
    ]),
  ),
  'certificate-without-vip': masters('kube-apiserver.flags', [
    '- --tls-cert-file=DIR/pki/apiserver.pem',
    '- --tls-private-key-file=DIR/pki/apiserver.pem',
    '+ --tls-cert-file=DIR/pki/kubelet.crt',
    '+ --tls-private-key-file=DIR/pki/kubelet.key',
  ]),
  'no-shutdown-delay': masters('kube-apiserver.flags', [
    '- --shutdown-delay-duration=3000ms',
    '+ --shutdown-delay-duration=0s',
  ]),
  'no-endpoint-reconciler': masters('kube-apiserver.flags', [
    '- --endpoint-reconciler-type=lease',
    '+ --endpoint-reconciler-type=none',
  ]),
  'controller-manager-no-election': masters('kube-controller-manager.flags', [
    '- --leader-elect=true',
    '+ --leader-elect=false',
  ]),
  'scheduler-no-election': masters('kube-scheduler.flags', ['- --leader-elect=true', '+ --leader-elect=false']),
  'long-leases': masters('kube-controller-manager.flags', [
    '- --leader-elect-lease-duration=15000ms',
    '+ --leader-elect-lease-duration=120s',
  ]),
}

for (const [name, changes] of Object.entries(expected))
  test(`the defect ${name} changes exactly what it says`, () => {
    const seen = JSON.stringify(changesOf(name)).replaceAll(/\/etc\/k8s-ha\/vm-\d+/g, 'DIR')
    assert.deepEqual(JSON.parse(seen), changes)
  })

test('the defects that concern many files change those and no others', () => {
  const bypass = changesOf('clients-bypass-vip')
  const kubeconfigs = [1, 2, 3].flatMap(n => ['kube-proxy', 'kubelet'].map(one => `vm-00${n}/${one}.kubeconfig`))
  assert.deepEqual(
    Object.keys(bypass).sort(),
    [...kubeconfigs, 'vm-001/admin.kubeconfig', 'vm-002/admin.kubeconfig'].sort(),
  )
  for (const lines of Object.values(bypass))
    assert.deepEqual(lines, ['- server: https://192.168.1.200:6443', '+ server: https://192.168.1.1:6443'])
  const forgotten = changesOf('vm-forgotten')
  assert.ok(Object.keys(forgotten).every(path => path.startsWith('vm-195/')))
  assert.ok(Object.values(forgotten).every(lines => lines.join() === 'gone'))
  assert.ok('vm-195/network.ip' in forgotten)
  assert.deepEqual(Object.keys(changesOf('sa-keys-differ')).sort(), ['vm-002/pki/sa.key', 'vm-002/pki/sa.pub'])
  assert.deepEqual(Object.keys(changesOf('etcd-two-members')), [
    'vm-193/etcd.yaml',
    'vm-194/etcd.yaml',
    'vm-195/etcd.yaml',
  ])
})

test('the defect haproxy-tcp-check leaves no question to the apiservers, and their servers are checked', () => {
  for (const [file, lines] of Object.entries(changesOf('haproxy-tcp-check'))) {
    assert.match(file, /haproxy\.cfg$/)
    assert.deepEqual(
      lines.filter(line => line.startsWith('+')),
      ['+ option tcp-check', '+ default-server check'],
    )
    assert.ok(lines.some(line => line.includes('http-check send')))
  }
})

test('every defect changes something in every family and topology, or says why it cannot', async () => {
  for (const family of ['IPv4', 'IPv6', 'dual'] as const)
    for (const topology of ['external', 'stacked'] as const) {
      const other = specWith({ family, topology, masters: '1-3', nvm: 4 })
      const files = [...(await overlayOf(other)).values()]
      for (const { name } of defects) {
        const planted = plantDefect(name, files, other)
        assert.ok(planted.ok, `${name}: ${planted.ok ? '' : planted.failure.last}`)
        assert.notDeepEqual(planted.value, files, name)
      }
    }
})

test('a defect for which the cluster is too small is a failure, not a healthy cluster with a bad name', async () => {
  const small = specWith({ lbVms: '191', etcdVms: '193', masters: '1' })
  const files = [...(await overlayOf(small)).values()]
  for (const name of [
    'keepalived-on-one',
    'haproxy-one-apiserver',
    'apiserver-one-etcd',
    'etcd-split',
    'vm-forgotten',
  ]) {
    const planted = plantDefect(name, files, small)
    assert.ok(!planted.ok, name)
    assert.equal(planted.failure.message, `Cannot plant the defect "${name}"`)
    assert.ok(planted.failure.last, name)
  }
})

test('the workflow tries every defect with the scenario that is to notice it; the docs name each', () => {
  const { tasks } = parse(readFileSync(`${projectDir}/workflows/verify-defects.yaml`, 'utf8'))
  const tried = [...tasks.defect.matrix, ...tasks['defect-from-the-start'].matrix]
  const named = defects.map(({ name, caughtBy }) => ({
    defect: name,
    scenario: caughtBy.scenario,
    'caught-by': caughtBy.reason,
  }))
  const byName = (a: { defect: string }, b: { defect: string }) => (a.defect < b.defect ? -1 : 1)
  assert.deepEqual(tried.sort(byName), named.sort(byName))
  assert.deepEqual([...tasks['defect-overlay'].matrix.defect].sort(), defects.map(({ name }) => name).sort())
  const docs = readFileSync(`${projectDir}/docs/defects.md`, 'utf8')
  for (const { name, caughtBy } of defects)
    assert.match(docs, new RegExp(`\\| \`${name}\` \\|.*\\| \`${caughtBy.scenario}\` \\| \`${caughtBy.reason}\` \\|`))
})
