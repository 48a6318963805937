/** Every scenario that ships judges what clients see: how long they get no answer, how long they are disturbed, and how often. */
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { parse } from 'yaml'

const root = join(import.meta.dirname, '../..')

interface Scenario {
  readonly budgets?: Readonly<Record<string, unknown>>
}

function shipped(): ReadonlyMap<string, Scenario> {
  const files = globSync('workflows/scenarios/*.yaml', { cwd: root }).sort()
  const alone = files.map(file => [file, parse(readFileSync(join(root, file), 'utf8')) as Scenario] as const)
  const inWorkflows = globSync('workflows/*.yaml', { cwd: root }).flatMap(file => {
    const { tasks = {} } = parse(readFileSync(join(root, file), 'utf8')) as {
      tasks?: Record<string, { with?: object }>
    }
    return Object.entries(tasks).flatMap(([name, { with: given }]) =>
      given && 'budgets' in given ? [[`${file} ${name}`, given as Scenario] as const] : [],
    )
  })
  return new Map([...alone, ...inWorkflows])
}

test('each limits the outages of reads and of writes, which limits disturbances and shares as well', () => {
  const scenarios = shipped()
  assert.ok(scenarios.size > 35, String(scenarios.size))
  const without = [...scenarios].filter(([, { budgets = {} }]) => !('reads' in budgets && 'writes' in budgets))
  assert.deepEqual(
    without.map(([name]) => name),
    [],
  )
})
