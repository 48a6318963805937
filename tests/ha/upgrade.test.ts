/** The step that gives a VM other programs: which ones, how, and what of it is refused before anything starts. */
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { parse, safeParse } from 'valibot'
import { Journal } from '../../src/ha/scenario/journal.ts'
import { runSteps } from '../../src/ha/scenario/run-steps.ts'
import { stepsSchema } from '../../src/ha/scenario/steps.ts'
import { stepProblems } from '../../src/ha/scenario/validate-steps.ts'
import { specWith } from '../cluster-data/sample.ts'
import { World } from './world/world.ts'

const versions = { kubernetes: '1.35.4', other: { kubernetes: '1.36.3', etcd: '3.6.16' } } as const

/** What each VM was asked to do, and what the steps said. */
async function carryOut(context: TestContext, steps: readonly object[], prepare?: (world: World) => void) {
  const world = await World.make(context, versions)
  const asked: string[] = []
  for (const name of ['service', 'versions', 'shutdown']) {
    const program = world.driver.programs.get(`/usr/lib/k8s-ha/${name}`) ?? assert.fail()
    world.driver.programs.set(`/usr/lib/k8s-ha/${name}`, call => {
      asked.push(`${call.vm?.spec.name} ${[name, ...call.argv.slice(1)].join(' ')}`)
      return program(call)
    })
  }
  prepare?.(world)
  const journal = new Journal({ originMs: world.clock.monotonicMs(), log: () => {}, tell: () => {} })
  const { cluster, signal } = world
  const result = await runSteps(parse(stepsSchema, steps), { cluster, signal, journal, seed: 1 })
  const faults = journal.faults.map(({ fault, vm, detail, toMs }) => [fault, vm, detail, toMs === null] as const)
  return { world, asked, faults, failure: result.ok ? undefined : result.failure }
}

const unasked = (asked: readonly string[]) => asked.filter(line => !line.includes(' running '))

test('every program of the product that the VM has is restarted, in the order of an upgrade', async context => {
  const { asked, faults, failure } = await carryOut(context, [{ upgrade: { vm: 'control-plane 1', kubernetes: 'to' } }])
  assert.equal(failure, undefined)
  const programs = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kubelet', 'kube-proxy']
  assert.deepEqual(unasked(asked), [
    'vm-001 versions to kube-apiserver kube-controller-manager kube-scheduler kubelet kubectl kube-proxy',
    ...programs.map(program => `vm-001 service restart ${program}`),
  ])
  assert.deepEqual(faults, [['upgrade', 'vm-001', `${programs.join(', ')} 1.36.3`, false]])
})

test('only the programs that are named are upgraded, to a version or back from it', async context => {
  const step = (kubernetes: string) => ({
    upgrade: { vm: 'control-plane 1', kubernetes, programs: ['kube-scheduler', 'kube-controller-manager'] },
  })
  const { asked, failure, world } = await carryOut(context, [step('1.36.3'), step('1.35.4')])
  assert.equal(failure, undefined)
  assert.deepEqual(unasked(asked).slice(0, 4), [
    'vm-001 versions to kube-controller-manager kube-scheduler',
    'vm-001 service restart kube-controller-manager',
    'vm-001 service restart kube-scheduler',
    'vm-001 versions from kube-controller-manager kube-scheduler',
  ])
  assert.deepEqual(
    [...world.vm(1).files.keys()].filter(file => file.includes('runs-other')),
    [],
  )
})

test('etcd is upgraded member by member, the leader last', async context => {
  const { asked, failure } = await carryOut(context, [
    { each: 'etcd', last: 'etcd-leader', steps: [{ upgrade: { vm: 'each', etcd: 'to' } }] },
  ])
  assert.equal(failure, undefined)
  const leader = 'vm-195'
  const order = asked.filter(line => line.includes('restart')).map(line => line.split(' ')[0])
  assert.deepEqual(order, ['vm-193', 'vm-194', leader])
  assert.equal(unasked(asked)[0], 'vm-193 versions to etcd etcdctl')
})

test('the turn of the VM that is to be last comes last, also when it is the first one', async context => {
  const { asked } = await carryOut(context, [
    { each: 'etcd', last: 'etcd 1', steps: [{ upgrade: { vm: 'each', etcd: '3.6.16' } }] },
  ])
  const order = asked.filter(line => line.includes('restart')).map(line => line.split(' ')[0])
  assert.deepEqual(order, ['vm-194', 'vm-195', 'vm-193'])
})

test('by reboot, the services end in order, and the VM boots with the other version', async context => {
  const { asked, faults, failure, world } = await carryOut(context, [
    { upgrade: { vm: 'worker 1', kubernetes: 'to', by: 'reboot' } },
  ])
  assert.equal(failure, undefined)
  assert.deepEqual(unasked(asked), ['vm-003 versions to kubelet kubectl kube-proxy', 'vm-003 shutdown'])
  assert.equal(world.vm(3).boots, 2)
  assert.deepEqual(faults, [['upgrade', 'vm-003', 'kubelet, kube-proxy 1.36.3, rebooted', false]])
})

test('the version to which a VM was upgraded stays over a reset', async context => {
  const { world } = await carryOut(context, [{ upgrade: { vm: 'worker 1', kubernetes: 'to' } }, { reset: 'worker 1' }])
  assert.ok(world.vm(3).files.has('/etc/k8s-ha/vm-003/runs-other/kubelet'))
})

test('a program that does not end, or runs in another version than wanted, is told', async context => {
  const { failure } = await carryOut(context, [{ upgrade: { vm: 'worker 1', kubernetes: 'to' } }], world => {
    const running = world.driver.programs.get('/usr/lib/k8s-ha/versions') ?? assert.fail()
    world.driver.programs.set('/usr/lib/k8s-ha/versions', call =>
      call.argv[1] === 'running' ? { stdout: 'Kubernetes v1.35.4\n' } : running(call),
    )
  })
  assert.equal(failure?.message, 'Cannot upgrade kubelet on "vm-003": version 1.35.4 runs, not 1.36.3')
  const stuck = await carryOut(context, [{ upgrade: { vm: 'etcd 1', etcd: 'to' } }], world =>
    world.answer('/usr/lib/k8s-ha/service', { exitCode: 1, stderr: 'service: etcd did not end within 90 s\n' }),
  )
  assert.equal(stuck.failure?.message, 'Cannot upgrade "vm-193" (service restart etcd)')
  assert.equal(stuck.failure?.last, 'service: etcd did not end within 90 s')
})

const problems = (step: object, spec = specWith(versions)) =>
  stepProblems(parse(stepsSchema, [step]), { spec }).map(({ message }) => message)

test('what the cluster does not have cannot be upgraded to', () => {
  const vm = 'control-plane 1'
  assert.deepEqual(problems({ upgrade: { vm, kubernetes: 'to' } }), [])
  assert.deepEqual(problems({ upgrade: { vm, kubernetes: '1.37.2' } }), [
    'the cluster has no Kubernetes 1.37.2, only 1.35.4 and 1.36.3 ("from" and "to")',
  ])
  assert.deepEqual(problems({ upgrade: { vm: 193, etcd: '3.7.3' } }), [
    'the cluster has no etcd 3.7.3, only 3.6.16 ("from" and "to")',
  ])
  assert.match(
    problems({ upgrade: { vm, kubernetes: 'to' } }, specWith()).join(),
    /^the cluster has one version of Kube/,
  )
  assert.match(problems({ upgrade: { vm: 193, kubernetes: 'to' } }).join(), /^there is none of kubernetes on such a VM/)
  assert.match(
    problems({ upgrade: { vm: 'worker 1', kubernetes: 'to', programs: ['kube-scheduler'] } }).join(),
    /^there is none of kube-scheduler on such a VM: it runs on VMs with the role control-plane$/,
  )
  assert.deepEqual(problems({ upgrade: { vm: 193, etcd: 'to', programs: ['kubelet'] } }), [
    'kubelet is not a part of etcd',
  ])
  assert.deepEqual(
    problems({ each: 'etcd', last: 'etcd 9', steps: [{ wait: 1 }] }).map(one => one.split(',')[0]),
    ['the cluster has no VM "etcd 9"'],
  )
})

test('a step that names no version, both products, or an unknown program is refused', () => {
  const refused = (options: object) =>
    (safeParse(stepsSchema, [{ upgrade: { vm: 1, ...options } }]).issues ?? []).map(one => one.message).join()
  assert.match(refused({}), /upgrade: name the version of either "kubernetes" or "etcd"/)
  assert.match(refused({ kubernetes: 'to', etcd: 'to' }), /upgrade: name the version of either/)
  assert.match(refused({ kubernetes: 'to', programs: ['haproxy'] }), /there is no program "haproxy": kube-apiserver/)
  assert.match(refused({ kubernetes: 'to', by: 'magic' }), /upgrade: by: /)
})
