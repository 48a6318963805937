/** A cause that stands in the logs again and again is found, and what only follows from a fault elsewhere is not. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { frequentErrors } from '../../src/ha/logs/frequent-errors.ts'
import { errorsIn } from '../../src/ha/logs/logged-errors.ts'
import { Journal } from '../../src/ha/scenario/journal.ts'
import { withLoggedErrors } from '../../src/ha/scenario/with-logged-errors.ts'
import { World } from './world/world.ts'

const sinceMs = Date.parse('2026-11-28T15:00:00Z')
const all = () => true
const klog = (text: string) => `E1128 15:04:05.123456     135 reflector.go:227] ${text}\n`
const times = (count: number, line: (index: number) => string) =>
  Array.from({ length: count }, (_, at) => line(at)).join('')

const transform = (index: number) =>
  klog(
    `"Unhandled Error" err="unable to transform key \\"/registry/secrets/default/s${index}\\": no matching prefix found" logger="UnhandledError"`,
  )

const lines: readonly (readonly [what: string, line: string, seen: string])[] = [
  [
    'of Kubernetes with a message and a cause',
    klog('"Failed to watch" err="failed to list *v1.Node: Get \\"https://vip/api\\": refused" logger="x"'),
    'Failed to watch: failed to list *v1.Node: Get "https://vip/api": refused',
  ],
  [
    'of Kubernetes in plain text',
    klog('watch chan error: etcdserver: no leader'),
    'watch chan error: etcdserver: no leader',
  ],
  [
    'whose message says nothing',
    transform(1),
    'unable to transform key "/registry/secrets/default/s1": no matching prefix found',
  ],
  [
    'of etcd',
    '{"level":"error","ts":"2026-11-28T15:04:05.2Z","msg":"bootstrap failed","error":"member count is unequal"}\n',
    'bootstrap failed: member count is unequal',
  ],
  [
    'of containerd',
    'time="2026-11-28T15:04:05.2Z" level=error msg="failed to load \\"x\\"" error="no network"\n',
    'failed to load "x": no network',
  ],
]

for (const [what, line, text] of lines)
  test(`an error ${what} is read`, () => {
    const [error, ...others] = errorsIn(`I1128 15:04:05.0 1 a.go:1] fine\n${line}`, sinceMs)
    assert.deepEqual([error?.text, others], [text, []])
    assert.ok(error && error.at >= sinceMs && error.at < sinceMs + 300_000, String(error?.at))
  })

test('an error that came again and again is told once, with how often, although it names other things', async context => {
  const world = await World.make(context)
  world.vm(2).logs.append('kube-apiserver', times(111, transform))
  world.vm(193).logs.append(
    'etcd',
    times(9, () => klog('too few')),
  )
  assert.deepEqual(await frequentErrors(world.cluster, { sinceMs, concerned: all }), [
    'vm-002 kube-apiserver, 111 times: unable to transform key "/registry/secrets/default/s0": no matching prefix found',
  ])
  assert.deepEqual(await frequentErrors(world.cluster, { sinceMs, concerned: vm => vm !== 'vm-002' }), [])
})

test('different errors are not taken for one because both have a message and a cause', async context => {
  const world = await World.make(context)
  const other = klog('"Unhandled Error" err="the other one" logger="UnhandledError"')
  world.vm(2).logs.append('kube-apiserver', times(20, transform) + times(30, () => other))
  const [first, second] = await frequentErrors(world.cluster, { sinceMs, concerned: all })
  assert.match(first ?? '', /30 times: the other one$/)
  assert.match(second ?? '', /20 times: unable to transform key/)
})

test('what somebody logs who got no answer is no cause', async context => {
  const world = await World.make(context)
  const consequences = [
    '"Error getting the current node from lister" err="node \\"vm-001\\" not found"',
    '"Unable to register mirror pod because node is not registered yet" err="node \\"vm-001\\" not found" node="vm-001"',
    '"Post-timeout activity" logger="UnhandledError" timeElapsed="2.4µs"',
    '"apiserver was unable to write a JSON response" err="http: Handler timeout"',
    '"Failed to watch" err="Get \\"https://192.168.1.200:6443/api\\": dial tcp: connect: connection refused"',
  ]
  for (const text of consequences)
    world.vm(1).logs.append(
      'kubelet',
      times(50, () => klog(text)),
    )
  assert.deepEqual(await frequentErrors(world.cluster, { sinceMs, concerned: all }), [])
})

test('what was logged earlier does not count', async context => {
  const world = await World.make(context)
  world.vm(2).logs.append('kube-apiserver', times(50, transform))
  assert.deepEqual(await frequentErrors(world.cluster, { sinceMs: sinceMs + 3_600_000, concerned: all }), [])
})

test('a step that failed shows what was logged while it waited', async context => {
  const world = await World.make(context)
  const { clock, cluster } = world
  const journal = new Journal({ originMs: clock.monotonicMs(), log: () => {}, tell: () => {} })
  const failure = { kind: 'failed', message: 'Cannot confirm it', last: 'a secret cannot be read' } as const
  const errors = (message: string) => {
    const ts = new Date(clock.now()).toISOString()
    world.vm(193).logs.append(
      'etcd',
      times(12, () => `{"level":"error","ts":"${ts}","msg":"${message}"}\n`),
    )
  }
  errors('earlier')
  await clock.sleep(5_000)
  const fromMs = journal.stepBegan('check', 'pods-see-all')
  journal.stepEnded('check', { step: 'pods-see-all', seen: '', figure: null, holds: false, fromMs })
  assert.deepEqual(await withLoggedErrors(failure, cluster, journal), failure)
  errors('meanwhile')
  const { last } = await withLoggedErrors(failure, cluster, journal)
  assert.equal(last, 'a secret cannot be read\nlogs: vm-193 etcd, 12 times: meanwhile')
})
