import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import * as v from 'valibot'
import { debianPackage, findTool, hostTools } from '../../src/cli/machine/host-tools.ts'
import { needsOf } from '../../src/cli/machine/machine-needs.ts'
import { defineTaskType } from '../../src/engine/workflow/task-type.ts'
import { done } from '../../src/platform/result.ts'
import { taskTypes } from '../../tasks/registry.ts'
import { copyCheckout, write } from './checkout.ts'
import { makeProject } from './project.ts'
import { run } from './run.ts'

test('every program that a task type names, or the driver that it uses, is in the table', async () => {
  for (const [name, load] of Object.entries(taskTypes))
    for (const tool of needsOf(name, (await load()).default, new Map()).hostTools ?? [])
      assert.ok(hostTools[tool], `${tool} of ${name}`)
})

test('what a task needs by itself and what its settings need come together', () => {
  const type = defineTaskType<unknown>({
    ...{ name: 'needy', description: '', schema: v.unknown(), hostTools: ['tar', 'ip'] },
    needsWith: settings => ({ hostTools: ['ip', settings.get('driver') ?? ''], requiresRoot: true }),
    run: async () => done,
  })
  const needs = needsOf('start', type, new Map([['driver', 'qemu']]))
  assert.deepEqual(needs, { task: 'start', hostTools: ['tar', 'ip', 'qemu'], requiresRoot: true })
})

test('a program is found where tasks would find it', () => {
  assert.match(findTool('bash') ?? '', /^\/.*\/bash$/)
  assert.equal(findTool('no-such-program'), undefined)
  assert.equal(debianPackage('ip'), 'iproute2')
})

const type = (name: string, more: string) => `/** ${name}. */
import { writeFileSync } from 'node:fs'
import * as v from 'valibot'
import { defineTaskType } from '../src/engine/workflow/task-type.ts'
import { done } from '../src/platform/result.ts'
export default defineTaskType({
  name: '${name}', description: 'writes its output', schema: v.strictObject({}), ${more}
  async run({ outputs }) { for (const output of outputs) writeFileSync(output, 'made'); return done },
})
`

/** A program with two task types of its own, one of which needs what no machine has. */
function programWithFixtures(context: TestContext): string {
  const checkout = copyCheckout(context, { installed: true })
  write(checkout, {
    'tasks/registry.ts': `export const taskTypes = { plain: () => import('./plain.ts'), needy: () => import('./needy.ts') }\n`,
    'tasks/plain.ts': type('plain', ''),
    'tasks/needy.ts': type('needy', "hostTools: ['bash', 'k8s-ha-no-such-tool'],"),
  })
  return join(checkout, 'k8s-ha')
}

test('a missing program ends the run with exit code 3 and the one command that mends it', async context => {
  const program = programWithFixtures(context)
  const cwd = makeProject(context, {
    'workflows/needy.yaml': `tasks:
  first: { uses: plain, outputs: [out/first] }
  second: { uses: needy, needs: [first], outputs: [out/second], cache: false }
`,
  })
  const { code, stderr } = await run(['flow', 'needy', '--no-install'], { program, cwd })
  assert.equal(code, 3, stderr)
  assert.match(stderr, /this machine lacks k8s-ha-no-such-tool, and --no-install forbids installing\n/)
  assert.match(stderr, /try: {3}(sudo )?apt-get install -y k8s-ha-no-such-tool\n/)
  assert.ok(!existsSync(join(cwd, 'out/first')), 'it is told before the first task has run')
})

test('a flow that is up to date asks the machine for nothing', async context => {
  const program = programWithFixtures(context)
  const cwd = makeProject(context, {
    'workflows/plain.yaml': `tasks:
  first: { uses: plain, outputs: [out/first] }
  other: { uses: needy, needs: [first], outputs: [out/other] }
`,
  })
  assert.equal((await run(['flow', 'plain', '--only', 'first', '--no-install'], { program, cwd })).code, 0)
  const again = await run(['flow', 'plain', '--only', 'first', '--no-install'], { program, cwd })
  assert.equal(again.code, 0)
  assert.match(again.stdout, /1 task up to date/)
})

test('doctor looks at the driver that is chosen', async context => {
  const { code, stderr } = await run(['doctor', '--set', 'driver=qmeu'], { cwd: makeProject(context, {}) })
  assert.equal(code, 2)
  assert.match(stderr, /Cannot use driver "qmeu": there is no such driver/)
})

test('doctor names the machine, the programs and the drivers', async context => {
  const { code, stdout } = await run(['doctor'], { cwd: makeProject(context, {}) })
  assert.ok(code === 0 || code === 3, stdout)
  assert.match(stdout, /^k8s-ha .*\n.*Linux.*\n.* cores, .* memory/)
  assert.match(stdout, /✓ bash +\/.*bash/)
  assert.match(stdout, /[✓✗] netns /)
})
