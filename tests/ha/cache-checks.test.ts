/** What apiservers say about their caches, as a scenario reads it. */
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { cacheChecksOf } from '../../src/ha/ask/cache-checks.ts'
import { World } from './world/world.ts'

const line = (labels: string, count: number) => `apiserver_storage_consistency_checks_total{${labels}} ${count}`

const checksWith = async (context: TestContext, metrics: string, kubernetes = '1.36.3') => {
  const world = await World.make(context, { kubernetes })
  world.answer('curl', { stdout: metrics })
  return cacheChecksOf(world.cluster, world.signal)
}

test('comparisons are counted, and each resource that differed is named with its apiserver', async context => {
  const metrics = [
    '# TYPE apiserver_storage_consistency_checks_total counter',
    line('group="",resource="pods",status="success"', 4),
    line('group="apps",resource="deployments",status="failure"', 1),
    line('group="",resource="events",status="failure"', 0),
    'apiserver_other_total{resource="pods",status="failure"} 7',
    '',
  ].join('\n')
  assert.deepEqual(await checksWith(context, metrics), {
    checks: 10,
    failed: ['vm-001 1 × deployments', 'vm-002 1 × deployments'],
  })
})

test('versions that do not compare have nothing to judge', async context => {
  assert.equal(await checksWith(context, '', '1.33.1'), null)
})
