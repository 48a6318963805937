/** Which files the inputs of a task are: those that a glob matches and no other, in order, without what is excluded. */
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { Inputs } from '../../src/engine/files/inputs.ts'
import { changedPaths, watchedFiles } from '../../src/engine/watched-files.ts'
import type { Task } from '../../src/engine/workflow/workflow.ts'
import { TestProject } from './project.ts'

const files = ['src/a.txt', 'src/b.swp', 'src/c.txt', 'src/d.md', 'src/deep/e.txt', 'src/deep/f.swp', 'top.txt']

const taskWith = (inputs: readonly string[]): Task => ({
  ...{
    name: 'task',
    place: { file: 'w.yaml', line: 1, column: 1 },
    action: { kind: 'run', script: { text: '', values: {} } },
    inputs,
  },
  ...{ needs: [], after: [], outputs: [], env: [], fingerprint: [], cache: true, timeoutMs: 0, retries: 0 },
  ...{ resources: {}, always: false, uses: {}, definition: '' },
})

const cases: readonly (readonly [readonly string[], readonly string[]])[] = [
  [['src/*.txt'], ['src/a.txt', 'src/c.txt']],
  [['src/**/*.txt'], ['src/a.txt', 'src/c.txt', 'src/deep/e.txt']],
  [['**/*.swp'], ['src/b.swp', 'src/deep/f.swp']],
  [
    ['src/**', '!src/deep', '!**/*.swp'],
    ['src/a.txt', 'src/c.txt', 'src/d.md'],
  ],
  [
    ['src/deep', 'top.txt'],
    ['src/deep/e.txt', 'src/deep/f.swp', 'top.txt'],
  ],
]

test('inputs are what the patterns match, whatever lies beside it', () => {
  const project = mkdtempSync(join(tmpdir(), 'k8s-ha-inputs-'))
  try {
    for (const file of files) {
      mkdirSync(dirname(join(project, file)), { recursive: true })
      writeFileSync(join(project, file), '')
    }
    for (const [inputs, expected] of cases) {
      const found = new Inputs(project, ['cache'], []).of(taskWith(inputs))
      assert.ok('files' in found, inputs.join())
      assert.deepEqual(
        found.files.map(({ path }) => path),
        expected,
        inputs.join(),
      )
    }
  } finally {
    rmSync(project, { recursive: true, force: true })
  }
})

test('nothing is where nothing can be: behind links in a circle, or farther than a path can reach', () => {
  const project = mkdtempSync(join(tmpdir(), 'k8s-ha-inputs-'))
  try {
    symlinkSync('circle', join(project, 'circle'))
    for (const path of ['circle/a', 'x/'.repeat(2_040)]) {
      const found = new Inputs(project, ['cache'], []).of(taskWith([path]))
      assert.ok('failure' in found)
      assert.equal(found.failure.message, `Input "${path}" of task "task" does not exist`)
    }
  } finally {
    rmSync(project, { recursive: true, force: true })
  }
})

test('a workflow file that lies outside of the project is watched', async () => {
  using project = new TestProject()
  using elsewhere = new TestProject()
  elsewhere.write('web.yaml', 'tasks: { a: { run: "true" } }\n')
  const watched = await watchedFiles(project.options(), elsewhere.path('web.yaml'), undefined)
  const before = watched.snapshot()
  elsewhere.write('web.yaml', 'tasks: { a: { run: "false" } }\n')
  assert.equal(changedPaths(before, watched.snapshot()).length, 1)
  assert.ok(watched.roots.includes(elsewhere.path('web.yaml')))
})
