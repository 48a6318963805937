/** The PKI does what TLS between the parts of a cluster asks of it. */
import assert from 'node:assert/strict'
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { test } from 'node:test'
import { serviceAddress } from '../../src/cluster/networks.ts'
import { issuePki } from '../../src/cluster/pki/issue-pki.ts'
import { certificateLifeDays, isSecret, pem } from '../../src/cluster/pki/pki.ts'
import type { Family } from '../../src/cluster/spec.ts'
import { now } from '../../src/platform/clock.ts'
import { specWith } from './sample.ts'

const certificate = (pki: ReadonlyMap<string, string>, name: string) => new X509Certificate(pem(pki, `${name}.crt`))

const expected: Readonly<Record<Family, readonly string[]>> = {
  IPv4: ['192.168.1.200', '192.168.1.1', '192.168.1.2', serviceAddress('IPv4', 1)],
  IPv6: ['fd00::c0a8:1c8', 'fd00::c0a8:101', 'fd00::c0a8:102', serviceAddress('IPv6', 1)],
  dual: ['192.168.1.200', 'fd00::c0a8:1c8', 'fd00::c0a8:102', serviceAddress('IPv4', 1), serviceAddress('IPv6', 1)],
}
for (const family of ['IPv4', 'IPv6', 'dual'] as const)
  test(`the apiserver's certificate serves every name and address by which it is reached (${family})`, async () => {
    const serving = certificate(await issuePki(specWith({ family }), now()), 'apiserver')
    for (const address of [...expected[family], '127.0.0.1', '::1'])
      assert.ok(serving.checkIP(address), `${address} is not in ${serving.subjectAltName}`)
    for (const name of ['localhost', 'kubernetes', 'kubernetes.default.svc.cluster.local', 'vm-001'])
      assert.ok(serving.checkHost(name), `${name} is not in ${serving.subjectAltName}`)
    assert.equal(serving.checkIP('192.168.1.250'), undefined)
  })

test("it serves the first load balancer's own address too, which is the VIP without keepalived", async () => {
  const serving = certificate(await issuePki(specWith(), now()), 'apiserver')
  assert.ok(serving.checkIP('192.168.1.191'))
})

test('the next serving certificate has the names of the first one, and a key of its own', async () => {
  const pki = await issuePki(specWith({ family: 'dual' }), now())
  const [first, next] = ['apiserver', 'apiserver-next'].map(name => certificate(pki, name))
  assert.equal(next?.subjectAltName, first?.subjectAltName)
  assert.notEqual(next?.serialNumber, first?.serialNumber)
  assert.notEqual(pem(pki, 'apiserver-next.key'), pem(pki, 'apiserver.key'))
})

const signers = [
  [/^etcd-peer/, 'etcd-peer-ca'],
  [/etcd/, 'etcd-ca'],
  [/^front-proxy/, 'front-proxy-ca'],
  [/next-ca$/, 'next-ca'],
] as const

test('each certificate is signed by its authority, matches its key, and lives as long as it says', async () => {
  const at = now()
  const pki = await issuePki(specWith(), at)
  for (const file of pki.keys()) {
    if (!file.endsWith('.crt')) continue
    const name = file.slice(0, -'.crt'.length)
    const one = certificate(pki, name)
    const [, authority = 'ca'] = signers.find(([pattern]) => pattern.test(name)) ?? []
    assert.ok(one.verify(certificate(pki, authority).publicKey), `${name}: wrong authority`)
    assert.ok(one.checkPrivateKey(createPrivateKey(pem(pki, `${name}.key`))), `${name}: wrong key`)
    assert.equal(one.ca, ['ca', 'next-ca', 'etcd-ca', 'etcd-peer-ca', 'front-proxy-ca'].includes(name))
    const days = (one.validToDate.getTime() - at) / 86_400_000
    assert.ok(days > certificateLifeDays - 1 && days <= certificateLifeDays)
    assert.ok(one.validFromDate.getTime() < at)
  }
})

test('subjects are those by which Kubernetes knows users and groups', async () => {
  const pki = await issuePki(specWith(), now())
  assert.equal(certificate(pki, 'admin').subject, 'O=system:masters\nCN=kubernetes-admin')
  assert.equal(certificate(pki, 'kubelet-vm-003').subject, 'O=system:nodes\nCN=system:node:vm-003')
  assert.equal(certificate(pki, 'scheduler').subject, 'CN=system:kube-scheduler')
  // Only "authenticated".
  assert.equal(certificate(pki, 'health-check').subject, 'CN=health-check')
})

test('etcd members are servers and clients to each other, apiservers only clients', async () => {
  const pki = await issuePki(specWith(), now())
  const [server, client] = ['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2']
  assert.deepEqual(certificate(pki, 'etcd-peer-vm-194').keyUsage, [server, client])
  assert.deepEqual(certificate(pki, 'apiserver-etcd-client').keyUsage, [client])
  assert.ok(certificate(pki, 'etcd-server-vm-194').checkIP('192.168.1.194'))
  assert.ok(certificate(pki, 'etcd-server-vm-194').checkIP('fd00::c0a8:1c2'))
})

test('a client with a certificate of one authority is nobody to the others', async () => {
  const pki = await issuePki(specWith(), now())
  const trusted = (name: string) =>
    ['ca', 'next-ca', 'etcd-ca', 'etcd-peer-ca', 'front-proxy-ca'].filter(authority =>
      certificate(pki, name).verify(certificate(pki, authority).publicKey),
    )
  assert.deepEqual(trusted('apiserver-etcd-client'), ['etcd-ca'], 'a client of etcd is no member of it')
  assert.deepEqual(trusted('etcd-peer-vm-193'), ['etcd-peer-ca'], 'a member is no client by the key of its peers')
  assert.deepEqual(trusted('front-proxy-client'), ['front-proxy-ca'], 'who speaks for others is no user')
  assert.deepEqual(trusted('admin'), ['ca'], 'a user of Kubernetes is no client of etcd, and speaks for nobody else')
})

test('etcd alone has no Kubernetes certificates', async () => {
  const pki = await issuePki(specWith({ k8sDisable: true }), now())
  assert.ok(pki.has('etcd-server-vm-193.crt'))
  assert.ok(!pki.has('apiserver.crt'))
})

test('private keys are secret, certificates and public keys are not', () => {
  assert.deepEqual(['ca.key', 'sa.key', 'ca.crt', 'sa.pub'].filter(isSecret), ['ca.key', 'sa.key'])
})
