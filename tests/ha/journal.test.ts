/** What a scenario reports while it runs. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import * as v from 'valibot'
import { FakeDriver } from '../../src/drivers/fake/fake-driver.ts'
import { type ScenarioEvent, scenarioEventSchema } from '../../src/ha/record/scenario-events.ts'
import { Journal } from '../../src/ha/scenario/journal.ts'
import { runSteps } from '../../src/ha/scenario/run-steps.ts'
import { stepsSchema } from '../../src/ha/scenario/steps.ts'
import { monotonicMs } from '../../src/platform/clock.ts'
import { specWith, unwrap } from '../cluster-data/sample.ts'
import { type FakeClock, useFakeClock } from '../platform/fake-clock.ts'

interface Journaling {
  readonly clock: FakeClock
  readonly journal: Journal
  readonly lines: readonly string[]
  readonly told: readonly ScenarioEvent[]
}

function journaling(t: TestContext): Journaling {
  const clock = useFakeClock(t)
  const lines: string[] = []
  const told: ScenarioEvent[] = []
  const tell = (event: ScenarioEvent) => {
    assert.deepEqual(v.parse(scenarioEventSchema, JSON.parse(JSON.stringify(event))), event)
    told.push(event)
  }
  clock.pass(1_000)
  return { clock, journal: new Journal({ originMs: monotonicMs(), log: line => lines.push(line), tell }), lines, told }
}

test('a step is told when it begins and when it ends, and is in the record once it ended', t => {
  const { clock, journal, lines, told } = journaling(t)
  clock.pass(20)
  const fromMs = journal.stepBegan('check', 'etcd-healthy')
  assert.deepEqual(told, [{ kind: 'check-began', data: { step: 'etcd-healthy', fromMs: 20 } }])
  assert.deepEqual(journal.steps, [])
  clock.pass(400)
  journal.stepEnded('check', { step: 'etcd-healthy', seen: '2 of 3', figure: null, holds: false, fromMs })
  const ended = { step: 'etcd-healthy', seen: '2 of 3', figure: null, holds: false, fromMs: 20, toMs: 420 }
  assert.deepEqual(told[1], { kind: 'check-ended', data: ended })
  assert.deepEqual(journal.steps, [ended])
  assert.deepEqual(lines, ['etcd-healthy           0.40 s  FAILED: 2 of 3'])
})

test('a fault is told when it begins, and when something ends it, once', t => {
  const { clock, journal, told } = journaling(t)
  journal.faultBegan('isolate', 'vm-193')
  journal.faultBegan('loss', 'vm-193')
  journal.faultBegan('stop', 'vm-194')
  journal.faultDetail('loss', 'vm-193', '10 %')
  clock.pass(50)
  journal.faultsEnded('vm-193', ['loss', 'slow-disk'])
  assert.deepEqual(told.slice(3), [
    { kind: 'fault-ended', data: { fault: 'loss', vm: 'vm-193', detail: '10 %', fromMs: 0, toMs: 50 } },
  ])
  journal.faultsEnded('vm-193')
  journal.faultsEnded('vm-193')
  assert.deepEqual(
    told.map(({ kind, data }) => `${kind} ${'fault' in data ? data.fault : ''}`),
    ['fault-began isolate', 'fault-began loss', 'fault-began stop', 'fault-ended loss', 'fault-ended isolate'],
  )
  assert.deepEqual(
    journal.faults.filter(({ toMs }) => toMs === null).map(({ vm }) => vm),
    ['vm-194'],
  )
})

test('what a fault did is told of the latest one of its kind', t => {
  const { journal } = journaling(t)
  for (const detail of ['haproxy, KILL', 'keepalived, TERM', '']) {
    journal.faultBegan('kill', 'vm-191')
    journal.faultDetail('kill', 'vm-191', detail)
  }
  assert.deepEqual(
    journal.faults.map(({ detail }) => detail),
    ['haproxy, KILL', 'keepalived, TERM', null],
  )
})

test('a VIP that moves is told with when it did, since the beginning', t => {
  const { clock, journal, told } = journaling(t)
  clock.pass(700)
  journal.vipChanged({ vm: 'vm-191', vip: '192.168.1.200', held: true, at: monotonicMs() })
  assert.deepEqual(told, [{ kind: 'vip-changed', data: { vm: 'vm-191', vip: '192.168.1.200', held: true, atMs: 700 } }])
})

test('faults and waits of a scenario are told as they happen, also that a step failed', async t => {
  const { journal, told } = journaling(t)
  const stateDir = mkdtempSync(join(tmpdir(), 'k8s-ha-journal-'))
  t.after(() => rmSync(stateDir, { recursive: true, force: true }))
  const { signal } = new AbortController()
  const plan = { name: 'ha', spec: specWith(), layers: [], stateDir: join(stateDir, 'ha') }
  const cluster = unwrap(await new FakeDriver().create(plan, signal))
  const steps = v.parse(stepsSchema, [{ stop: 193 }, { wait: 2 }, { reset: 193 }, { boot: 194 }, { wait: 1 }])
  const result = await runSteps(steps, { cluster, signal, journal, seed: 0 })
  assert.equal(result.ok, false)
  assert.deepEqual(
    told.map(({ kind, data }) => `${kind} ${'step' in data ? data.step : 'vm' in data ? data.vm : ''}`),
    [
      'step-began stop vm-193',
      'fault-began vm-193',
      'step-ended stop vm-193',
      'step-began wait 2 s',
      'step-ended wait 2 s',
      'step-began reset vm-193',
      'fault-began vm-193',
      'fault-ended vm-193',
      'fault-ended vm-193',
      'step-ended reset vm-193',
      'step-began boot vm-194',
      'step-ended boot vm-194',
    ],
  )
  const ended = told.flatMap(event => (event.kind === 'fault-ended' ? [event.data] : []))
  assert.deepEqual(
    ended.toSorted((a, b) => a.fromMs - b.fromMs),
    journal.faults,
  )
})
