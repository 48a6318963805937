/** The order of places, and what happens when none has a version. */
import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { getVersion } from '../../tasks/programs/get-version.ts'
import type { Meaning, Product, ProgramPlace } from '../../tasks/programs/product.ts'
import { programNames } from '../../tasks/programs/program-names.ts'
import { taskFixture } from './task-fixture.ts'

test('the first place that has a version is used, and those after it are not asked', async t => {
  const { get, chosen, asked, kept } = fixture(t, { '2.0.0': ['official'] })
  assert.deepEqual(await get({ version: '2.0.0' }), { ok: true, value: 'Thing 2.0.0: place official' })
  assert.deepEqual(asked, ['official 2.0.0'])
  assert.deepEqual(chosen(), { version: '2.0.0', origin: 'official' })
  assert.ok(kept())
})

test('what a place answers is reported, and nothing that it began to make stays', async t => {
  const { get, output, logged } = fixture(t, { '2.0.0': ['modules'] })
  assert.deepEqual(await get({ version: '2.0.0' }), {
    ok: true,
    value: 'Thing 2.0.0: place modules · place official: it has no 2.0.0',
  })
  assert.ok(logged.join('').includes('place official: it has no 2.0.0'))
  assert.equal(existsSync(join(output, 'rest of official')), false)
})

test('a version that the user named is never replaced', async t => {
  const { get, output } = fixture(t, { '1.0.0': ['official'] })
  const result = await get({ version: '2.0.0' })
  assert.ok(!result.ok)
  assert.equal(result.failure.kind, 'environment', 'exit code 3')
  assert.equal(result.failure.message, 'Cannot get Thing 2.0.0: no place has it')
  assert.equal(result.failure.last, 'place official: it has no 2.0.0\nplace modules: it has no 2.0.0')
  assert.match(result.failure.try ?? '', /^--set thing=<folder with /)
  assert.equal(existsSync(output), false)
})

test('the default may be replaced, which is reported in one line', async t => {
  const { get, chosen, asked, logged, kept } = fixture(t, { '1.0.0': ['modules'] })
  const result = await get({ version: '2.0.0', otherwise: '1.0.0' })
  assert.equal(kept(), false, 'the next run may find what was wanted')
  assert.ok(result.ok)
  assert.ok(
    result.value.startsWith('Thing 1.0.0 INSTEAD OF 2.0.0, which no place has: place modules · place official: '),
  )
  assert.deepEqual(asked, ['official 2.0.0', 'modules 2.0.0', 'official 1.0.0', 'modules 1.0.0'])
  assert.deepEqual(chosen(), { version: '1.0.0', origin: 'modules', insteadOf: '2.0.0' })
  assert.ok(logged.includes('warning: Thing 1.0.0 INSTEAD OF 2.0.0, which no place has'))
})

test('when not even that can be had, every answer is reported', async t => {
  const { get } = fixture(t, {})
  const result = await get({ version: '2.0.0', otherwise: '1.0.0' })
  assert.ok(!result.ok)
  assert.equal(result.failure.message, 'Cannot get Thing 2.0.0: no place has it')
  assert.equal(result.failure.last?.split('\n').length, 4)
})

test('an interruption is no answer: no other place is asked', async t => {
  for (const throws of [true, false]) {
    const { get, asked, logged } = fixture(t, { '2.0.0': ['modules'] }, { abort: new AbortController(), throws })
    const result = await get({ version: '2.0.0' })
    assert.ok(!result.ok)
    assert.equal(result.failure.kind, 'interrupted')
    assert.deepEqual(asked, ['official 2.0.0'])
    assert.deepEqual(logged, [])
  }
})

interface Interrupted {
  /** The first place that is asked aborts. */
  readonly abort: AbortController
  readonly throws: boolean
}

/** `has`: version → the places that have it. */
function fixture(t: TestContext, has: Readonly<Record<string, readonly string[]>>, ends?: Interrupted) {
  const { projectDir, context, logged } = taskFixture(t)
  const output = join(projectDir, 'build/fetched')
  const asked: string[] = []
  let isKept = true
  const onlyNow = () => {
    isKept = false
  }
  const place = (origin: 'official' | 'modules', version: string): ProgramPlace => ({
    name: `place ${origin}`,
    origin,
    async get(folder) {
      asked.push(`${origin} ${version}`)
      ends?.abort.abort(new Error('interrupted'))
      if (ends?.throws) throw ends.abort.signal.reason
      mkdirSync(folder, { recursive: true })
      writeFileSync(join(folder, has[version]?.includes(origin) ? 'goods' : `rest of ${origin}`), '')
      return has[version]?.includes(origin) ? undefined : `it has no ${version}`
    },
  })
  const product: Product = {
    name: 'Thing',
    parameter: 'thing',
    programs: programNames.etcd,
    example: '2.0.0',
    refusal: () => undefined,
    standard: () => ({ version: '2.0.0', otherwise: '1.0.0' }),
    places: version => [place('official', version), place('modules', version)],
  }
  const signal = ends?.abort.signal ?? new AbortController().signal
  const options = { url: '', modules: '' }
  return {
    output,
    asked,
    logged,
    kept: () => isKept,
    chosen: (): unknown => JSON.parse(readFileSync(join(output, 'chosen.json'), 'utf8')),
    get: (meaning: Meaning) =>
      getVersion(product, meaning, { options, context: context({}, { outputs: [output], signal, onlyNow }) }),
  }
}
