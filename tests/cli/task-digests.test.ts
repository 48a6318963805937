import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { copyCheckout, write } from './checkout.ts'

const files = {
  'tasks/registry.ts': `export const taskTypes = { a: () => import('./a.ts'), b: () => import('./b.ts') }\n`,
  'tasks/a.ts': `/** A. */\nimport { helper } from '../src/fixture/helper.ts'\nexport default { run: () => helper(1) }\n`,
  'tasks/b.ts': `/** B. */\nimport picomatch from 'picomatch'\nexport default { run: () => picomatch('*') }\n`,
  'src/fixture/helper.ts': `/** Helps. */\nexport const helper = (x: number): number => x + 1\n`,
  'src/fixture/start.sh': 'echo started\n',
}

function prepared(context: TestContext): string {
  const checkout = copyCheckout(context, { installed: true })
  write(checkout, files)
  return checkout
}

function digests(checkout: string): Readonly<Record<string, string>> {
  const built = spawnSync(process.execPath, [join(checkout, 'scripts/build.ts')], { encoding: 'utf8' })
  assert.equal(built.status, 0, built.stderr)
  return JSON.parse(readFileSync(join(checkout, 'dist/current/task-digests.json'), 'utf8'))
}

test('the digest of a task type does not depend on where the checkout lies', context => {
  const first = digests(prepared(context))
  assert.deepEqual(Object.keys(first), ['a', 'b'])
  assert.notEqual(first.a, first.b)
  assert.deepEqual(digests(prepared(context)), first)
})

test('it changes with the code that the type imports and the files beside it, and with nothing else', context => {
  const checkout = prepared(context)
  const before = digests(checkout)
  const changed = (change: Readonly<Record<string, string>>) => {
    write(checkout, change)
    const after = digests(checkout)
    write(checkout, files)
    return Object.keys(after).filter(type => before[type] !== after[type])
  }
  assert.deepEqual(changed({ 'src/fixture/helper.ts': files['src/fixture/helper.ts'].replace('x + 1', 'x + 2') }), [
    'a',
  ])
  assert.deepEqual(changed({ 'src/fixture/start.sh': 'echo other\n' }), ['a'])
  assert.deepEqual(changed({ 'tasks/b.ts': files['tasks/b.ts'].replace("'*'", "'**'") }), ['b'])
  assert.deepEqual(
    changed({
      'src/fixture/helper.ts': '/** Says more. */\nexport const helper = (y: number) =>\n  y + 1\n'.replaceAll(
        'y',
        'x',
      ),
    }),
    [],
  )
  assert.deepEqual(changed({ 'src/other/file.ts': 'export const other = 1\n' }), [])
})

test('a file that moves changes no digest; an import of another file does', context => {
  const checkout = prepared(context)
  const before = digests(checkout)
  rmSync(join(checkout, 'src/fixture/helper.ts'))
  write(checkout, {
    'src/elsewhere/first.ts': files['src/fixture/helper.ts'],
    'src/elsewhere/start.sh': files['src/fixture/start.sh'],
    'tasks/a.ts': files['tasks/a.ts'].replace('fixture/helper', 'elsewhere/first'),
  })
  assert.deepEqual(digests(checkout), before)
  write(checkout, { 'src/elsewhere/first.ts': files['src/fixture/helper.ts'].replace('x + 1', 'x + 2') })
  const after = digests(checkout)
  assert.notEqual(after.a, before.a)
  assert.equal(after.b, before.b)
})

test('static imports may stand in any order; which module is which still counts', context => {
  const checkout = prepared(context)
  const twice = (text: string) => {
    write(checkout, {
      'src/fixture/one.ts': '/** One. */\nexport const one = 1\nexport const two = 2\n',
      'src/fixture/two.ts': '/** Two. */\nexport const one = 2\nexport const two = 1\n',
      'tasks/a.ts': `/** A. */\n${text}export default { run: () => one + two }\n`,
    })
    return digests(checkout).a
  }
  const one = "import { one } from '../src/fixture/one.ts'\n"
  const two = "import { two } from '../src/fixture/two.ts'\n"
  const digest = twice(one + two)
  assert.equal(twice(two + one), digest)
  assert.notEqual(twice(one.replace('one.ts', 'two.ts') + two.replace('two.ts', 'one.ts')), digest)
})
