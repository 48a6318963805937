/** What a scenario may say, and what of it is refused before anything starts. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parse, safeParse } from 'valibot'
import type { FaultKind } from '../../src/drivers/driver.ts'
import { stepsSchema } from '../../src/ha/scenario/steps.ts'
import { stepProblems } from '../../src/ha/scenario/validate-steps.ts'
import { specWith } from '../cluster-data/sample.ts'

const spec = specWith()
const problems = (steps: readonly object[], kinds?: ReadonlySet<never>) =>
  stepProblems(parse(stepsSchema, steps), { spec, ...(kinds ? { kinds } : {}) }).map(
    ({ path, message }) => `${path.join('.')}: ${message}`,
  )
const refused = (step: object): string => (safeParse(stepsSchema, [step]).issues ?? []).map(one => one.message).join()

test('a scenario of every kind of step is accepted', () => {
  assert.deepEqual(
    problems([
      { require: 'keepalived' },
      { check: 'etcd-healthy', away: 0, within: 5 },
      { stop: 'vip-owner' },
      { wait: 1 },
      { resume: 'stopped' },
      { isolate: { vm: 'etcd-leader', from: ['etcd 1', 194], direction: 'in' } },
      { heal: 'last' },
      { loss: { vm: 193, percent: 10 } },
      { heal: 193 },
      { 'stop-service': { vm: 'vip-owner', service: 'haproxy', signal: 'KILL' } },
      { 'start-service': { vm: 'last', service: 'haproxy' } },
      { kill: { vm: 'control-plane 1', service: 'kube-apiserver' } },
      { each: 'etcd', first: 2, steps: [{ reset: 'each' }] },
      { 'power-off': 'worker 1' },
      { 'lose-disk': 'worker 1' },
      { boot: 'worker 1' },
      { alarm: 'etcd 1' },
      { disarm: 'etcd 1' },
      { do: 'deploy-test-app' },
      { each: 'control-plane', steps: [{ do: 'renew-certificate', vm: 'each' }, { check: 'certificate-served' }] },
      { do: 'trust-authorities', authorities: ['ca', 'next-ca'] },
      { do: 'renew-certificate', vm: 'control-plane 1', authority: 'next-ca' },
    ]),
    [],
  )
})

test('unknown names are refused with those that there are', () => {
  assert.match(refused({ check: 'etcd-helthy' }), /no check "etcd-helthy": .*etcd-healthy/)
  assert.match(refused({ stop: 'etdc 1' }), /"etdc 1" names no VM/)
  assert.match(refused({ each: 'masters', steps: [{ wait: 1 }] }), /no role "masters"/)
  assert.match(refused({ explode: 193 }), /a step is one of require, check/)
  assert.match(refused({ kill: { vm: 193, service: 'etdc' } }), /no service "etdc": etcd/)
  assert.match(refused({ isolate: { vm: 193, form: [194] } }), /isolate: form/)
  assert.match(refused({ do: 'trust-authorities', authorities: ['cb'] }), /trust-authorities: authorities/)
  assert.match(refused({ do: 'make-coffee' }), /no action "make-coffee"/)
  assert.match(refused({ isolate: { vm: 193, from: ['etcds'] } }), /"etcds" names no VM and no role/)
  assert.match(refused({ loss: { vm: 193, percent: 101 } }), /loss: percent/)
})

test('all that does not fit the cluster is told, each with its path', () => {
  assert.deepEqual(
    problems([
      { stop: 99 },
      { each: 'etcd', steps: [{ stop: 'worker 9' }] },
      { kill: { vm: 'etcd 1', service: 'haproxy' } },
      { alarm: 'worker 1' },
      { require: { role: 'tester', 'at-least': 1 } },
      { do: 'renew-certificate', vm: 'each' },
      { do: 'renew-certificate', vm: 'etcd 1' },
      { isolate: { vm: 193, from: ['etcd', 'tester'] } },
    ]).map(problem => problem.replace(/, only .*/, '')),
    [
      '0.stop: the cluster has no VM "99"',
      '1.steps.0.stop: the cluster has no VM "worker 9"',
      '2.kill: there is no haproxy on such a VM: it runs on VMs with the role load-balancer',
      '3.alarm: "alarm" is for VMs with the role etcd',
      '4.require: it needs 1 VMs of role "tester", and the cluster has 0',
      '5.vm: "each" stands outside of an each',
      '6.vm: "do renew-certificate" is for VMs with the role control-plane',
      '7.isolate: the cluster has no VM of role "tester"',
    ],
  )
})

test('what undoes nothing is refused', () => {
  const undoing = [{ resume: 193 }, { heal: 193 }, { boot: 193 }, { disarm: 193 }]
  for (const step of [...undoing, { 'start-service': { vm: 193, service: 'etcd' } }])
    assert.match(problems([step]).join(), /has nothing to undo: no .* comes before it/)
  assert.deepEqual(problems([{ stop: 193 }, { resume: 194 }]), [
    '1.resume: "resume" has nothing to undo: no stop comes before it on vm-194',
  ])
  for (const undone of ['etcd 1', 'last', 'stopped'])
    assert.deepEqual(problems([{ stop: 193 }, { resume: undone }]), [])
  assert.deepEqual(problems([{ stop: 'etcd-leader' }, { resume: 194 }]), [])
  assert.deepEqual(problems([{ alarm: 'etcd 1' }, { disarm: 'etcd 2' }]), [])
  assert.match(problems([{ stop: 'last' }]).join(), /"last" has no fault before it/)
  assert.match(problems([{ reset: 'stopped' }]).join(), /"stopped" has no stop before it/)
})

test('a fault that the driver lacks is refused', () => {
  assert.match(problems([{ loss: { vm: 193, percent: 1 } }], new Set()).join(), /the driver cannot do "loss"/)
})

test('a disk that is not one of its own cannot be full, which a scenario may say it accepts', () => {
  const steps = parse(stepsSchema, [{ 'fill-disk': 'etcd-leader' }, { 'free-disk': 'last' }])
  const told = (own: boolean, mayLack: readonly string[] = []) =>
    stepProblems(steps, { spec: specWith({ etcdDisk: own ? 256 : 0 }), mayLack }).map(({ message }) => message)
  assert.deepEqual(told(true), [])
  assert.match(told(false).join(), /^"fill-disk" is not possible: the etcd VMs have no disks of their own/)
  assert.deepEqual(told(false, ['fill-disk']), [])
  assert.match(problems([{ 'fill-disk': 'worker 1' }]).join(), /"fill-disk" is for VMs with the role etcd/)
  assert.match(problems([{ 'free-disk': 193 }]).join(), /has nothing to undo: no fill-disk comes before it/)
})

test('a slow disk is one of its own, whose VM has a name and whose speed has a number', () => {
  const steps = parse(stepsSchema, [{ 'slow-disk': 'etcd-leader' }, { heal: 'last' }])
  const told = (etcdDisk: number, kinds: ReadonlySet<FaultKind>) =>
    stepProblems(steps, { spec: specWith({ etcdDisk }), kinds }).map(({ message }) => message)
  assert.deepEqual(told(256, new Set(['slow-disk'])), [])
  assert.match(told(0, new Set(['slow-disk'])).join(), /^"slow-disk" is not possible: the etcd VMs have no disks/)
  assert.match(told(256, new Set()).join(), /^the driver cannot do "slow-disk" to a VM/)
  assert.match(refused({ 'slow-disk': { vm: 193, 'writes-per-second': 0 } }), /slow-disk: writes-per-second: /)
})

test('who holds the VIP means nothing without keepalived', () => {
  const without = stepProblems(parse(stepsSchema, [{ stop: 'vip-owner' }]), { spec: specWith({ keepalived: false }) })
  assert.match(without[0]?.message ?? '', /needs keepalived/)
})
