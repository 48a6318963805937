/** Names and values are what was written, whatever JavaScript would make of them. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { loadWorkflow } from '../../src/engine/load/load-workflow.ts'
import { readProjectSettings } from '../../src/engine/load/project-settings.ts'
import { substituteText } from '../../src/engine/load/substitute.ts'
import { TestProject } from './project.ts'

const numbers = `
params:
  v: { default: 1.10 }
  big: { default: 12345678901234567890 }
  hex: { default: 0x1F }
  count: { default: 3, enum: [3, 4, 5.0] }
  yes: { default: True }
tasks:
  a:
    run: echo \${{ params.v }} \${{ params.big }} \${{ params.hex }} \${{ params.count }} \${{ params.yes }} > o
    outputs: [o]
  m:
    matrix: { v: [3.9, 3.10, 3.10000] }
    run: echo \${{ matrix.v }} > out-\${{ matrix.v }}
    outputs: ["out-\${{ matrix.v }}"]
  listed:
    matrix: [{ v: 1.0 }, { v: 1.00 }]
    when: { v: [1.10, 2.50] }
    run: "true"
    cache: false
`

for (const [size, more] of [
  ['small', ''],
  ['large', '# more than what is parsed at once, in pieces\n'.repeat(2_000)],
] as const)
  test(`numbers of parameters and matrices are texts as written, in a ${size} file`, async () => {
    using project = new TestProject()
    project.workflow(numbers.replace('  m:\n', `${more}  m:\n`))
    const ran = await project.run()
    assert.deepEqual(Object.keys(ran.status), ['a', 'm[3.9]', 'm[3.10]', 'm[3.10000]', 'listed[1.0]', 'listed[1.00]'])
    assert.equal(project.read('o'), '1.10 12345678901234567890 0x1F 3 True\n')
    assert.equal(project.read('out-3.10'), '3.10\n')
    await project.run({
      set: new Map([
        ['v', '2.50'],
        ['big', '1e3'],
        ['count', '5.0'],
      ]),
    })
    assert.equal(project.read('o'), '2.50 1e3 0x1F 5.0 True\n')
  })

test('a number in k8s-ha.yaml keeps its digits', async () => {
  using project = new TestProject()
  project.write('k8s-ha.yaml', 'version: 1.20\nid: 12345678901234567890\n')
  const settings = await readProjectSettings(project.dir)
  assert.deepEqual(settings.ok && [...settings.value], [
    ['version', '1.20'],
    ['id', '12345678901234567890'],
  ])
})

for (const name of ['constructor', 'prototype', '__proto__', 'toString', 'hasOwnProperty'])
  test(`a task, a parameter, a variable, a pool and a matrix key may be called ${name}`, async () => {
    using project = new TestProject()
    project.workflow(`
params: { ${name}: { default: 1.10, env: [${name}] } }
tasks:
  ${name}:
    matrix: { ${name}: [${name}] }
    run: echo \${{ params.${name} }} \${{ matrix.${name} }} "\${${name}-unset}" > o
    env: [${name}]
    resources: { ${name}: 1 }
    outputs: [o]
  ${name}2: { run: cat o > o2, needs: [${name}], outputs: [o2] }
`)
    assert.deepEqual((await project.run()).status, { [`${name}[${name}]`]: 'executed', [`${name}2`]: 'executed' })
    assert.equal(project.read('o2'), `1.10 ${name} unset\n`)
    assert.equal((await project.run()).status[`${name}2`], 'up-to-date')
    const environment = Object.fromEntries([[name, 'given']])
    await project.run({ environment })
    assert.equal(project.read('o2'), `given ${name} given\n`)
  })

test('such a name in a mistake is told like any other', async () => {
  using project = new TestProject()
  project.workflow('tasks: { constructor: { run: "true", timeout: soon } }')
  const loaded = await loadWorkflow(project.options(), 'main')
  assert.match(loaded.ok ? '' : loaded.failure.message, /"tasks.constructor.timeout" is "soon"/)
})

test('the time for substitutions grows with the length of a text, also where none of them ends', () => {
  const opening = '$' + '{{'
  const { problems } = substituteText(opening.repeat(1_000_000), new Map())
  assert.deepEqual(problems, [`A "${opening}" without its "}}"`])
  const { value } = substituteText(`a ${opening} params.x }} b ${opening}params.x}}`, new Map([['params.x', 'v']]))
  assert.equal(value, 'a v b v')
})
