/** What the logs of VMs say of a scenario: services that ended, certificates that were refused, and how it ended. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { logTails } from '../../src/ha/logs/log-tails.ts'
import { refusalsBetween, refusalsOf } from '../../src/ha/logs/refused-certificates.ts'
import { endingsOf, restartsBetween } from '../../src/ha/logs/service-restarts.ts'
import { end } from './world/services.ts'
import { World } from './world/world.ts'

test('services that ended since then are named, those that ended before are not', async context => {
  const world = await World.make(context)
  end(world.vm(193), 'etcd')
  const before = await endingsOf(world.cluster)
  assert.deepEqual(restartsBetween(before, await endingsOf(world.cluster)), [])
  end(world.vm(193), 'etcd')
  end(world.vm(191), 'haproxy')
  world.vm(194).logs.append('etcd', 'it says that supervise: etcd ended with exit code 1\n')
  assert.deepEqual(restartsBetween(before, await endingsOf(world.cluster)), [
    { vm: 'vm-191', service: 'haproxy' },
    { vm: 'vm-193', service: 'etcd' },
  ])
})

test('endings are counted also on VMs that are stopped or off', async context => {
  const world = await World.make(context)
  const before = await endingsOf(world.cluster)
  end(world.vm(193), 'etcd')
  await world.vm(193).stop()
  end(world.vm(194), 'etcd')
  await world.vm(194).powerOff()
  assert.equal(restartsBetween(before, await endingsOf(world.cluster)).length, 2)
})

const refused = 'http: TLS handshake error from 192.168.1.3:36208: remote error: tls: bad certificate\n'
const badMac = 'http: TLS handshake error from [fd00::3]:36208: local error: tls: bad record MAC\n'
const broken = 'http: TLS handshake error from 192.168.1.3:36208: EOF\n'

const lostStream =
  '{"level":"warn","msg":"lost TCP streaming connection with remote peer","error":"local error: tls: bad record MAC"}\n'

test('certificates that were refused are counted by program; broken connections are no refusals', async context => {
  const world = await World.make(context)
  world.vm(1).logs.append('kube-apiserver', refused)
  const before = await refusalsOf(world.cluster)
  assert.deepEqual([...before.keys()], ['vm-001 kube-apiserver'])
  world.vm(1).logs.append('kube-apiserver', broken)
  world.vm(2).logs.append('kube-apiserver', refused + broken + badMac)
  world.vm(193).logs.append('etcd', lostStream)
  assert.deepEqual(refusalsBetween(before, await refusalsOf(world.cluster)), [
    'vm-002 kube-apiserver: 2 × TLS handshake error from [fd00::3]:36208: local error: tls: bad record MAC',
  ])
})

const byKubelet =
  'E1128 18:00:00.000000     135 server.go:310] "Unable to authenticate the request due to an error" err="verifying certificate SN=7, SKID=, AKID= failed: x509: certificate signed by unknown authority"\n'
const byPeer = (port: number) =>
  `{"level":"warn","ts":"2026-11-28T16:41:10.209562Z","msg":"prober detected unhealthy status","remote-peer-id":"5b${port}","rtt":"0s","error":"x509: cannot validate certificate for 192.168.1.195 because it doesn't contain any IP SANs"}\n`
const rejected =
  '{"level":"warn","msg":"rejected connection on peer endpoint","error":"remote error: tls: bad certificate"}\n'

test('etcd’s peers and kubelets refuse, too; what says why comes first', async context => {
  const world = await World.make(context)
  world.vm(3).logs.append('kubelet', byKubelet)
  world.vm(195).logs.append('etcd', rejected)
  world.vm(193).logs.append('etcd', byPeer(1) + byPeer(2))
  await world.vm(195).powerOff()
  assert.deepEqual(refusalsBetween(new Map(), await refusalsOf(world.cluster)), [
    'vm-003 kubelet: 1 × x509: certificate signed by unknown authority',
    "vm-193 etcd: 2 × x509: cannot validate certificate for 192.168.1.195 because it doesn't contain any IP SANs",
    'vm-195 etcd: 1 × remote error: tls: bad certificate',
  ])
})

test('the ends of the logs are of the VMs that are meant, without empty ones', async context => {
  const world = await World.make(context)
  const lines = Array.from({ length: 40 }, (_, at) => `line ${at}\n`).join('')
  world.vm(193).logs.append('etcd', lines)
  world.vm(193).logs.append('boot', '')
  world.vm(194).logs.append('etcd', lines)
  await world.vm(193).powerOff()
  const [tail, ...others] = await logTails(world.cluster, vm => vm === 'vm-193')
  assert.deepEqual(others, [])
  assert.deepEqual([tail?.vm, tail?.log], ['vm-193', 'etcd.log'])
  assert.equal(tail?.tail.split('\n').length, 25)
  assert.match(tail?.tail ?? '', /^line 15\n(.*\n)+line 39$/)
})
