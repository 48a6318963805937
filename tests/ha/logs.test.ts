/** What the logs of VMs say of a scenario: services that ended, certificates that were refused, and how it ended. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refusalsBetween, refusalsOf } from '../../src/ha/logs/handshake-refusals.ts'
import { logTails } from '../../src/ha/logs/log-tails.ts'
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

test('certificates that clients refused are counted by apiserver; broken connections are no refusals', async context => {
  const world = await World.make(context)
  world.vm(1).logs.append('kube-apiserver', refused)
  const before = await refusalsOf(world.cluster)
  assert.deepEqual(
    [...before],
    [
      ['vm-001', 1],
      ['vm-002', 0],
    ],
  )
  world.vm(1).logs.append('kube-apiserver', broken)
  world.vm(2).logs.append('kube-apiserver', refused + broken + badMac)
  assert.deepEqual(refusalsBetween(before, await refusalsOf(world.cluster)), ['2 × the certificate of vm-002'])
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
