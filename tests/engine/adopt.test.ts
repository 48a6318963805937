/** What no run of this project made is never removed for an output without a word. */
import assert from 'node:assert/strict'
import { existsSync, mkdirSync, rmSync, symlinkSync } from 'node:fs'
import { test } from 'node:test'
import { messages, TestProject } from './project.ts'

const build = (outputs: string, more = '') =>
  `tasks: { build: { run: "mkdir -p dist; echo new > dist/new", inputs: [], outputs: [${outputs}]${more} } }`

for (const [what, more] of [
  ['a cached task', ''],
  ['a task that always runs', ', cache: false'],
])
  test(`files at an output of ${what} that no run made are named, and stay; --adopt replaces them`, async () => {
    using project = new TestProject()
    project.workflow(build('dist', more))
    for (const name of ['a', 'b/c', 'b/d', 'e']) project.write(`dist/${name}`, 'precious')
    const failure = await project.refused()
    assert.equal(failure.kind, 'usage')
    assert.equal(
      failure.message,
      'Cannot run "build": its output "dist" holds "dist/a", "dist/b/c", "dist/b/d" and 1 more: no run of this project made that',
    )
    assert.equal(failure.at, 'workflows/main.yaml:1:10')
    assert.match(failure.try ?? '', /--adopt/)
    assert.equal(project.read('dist/b/c'), 'precious')
    await project.refused({ dryRun: true })
    await project.refused({ force: true })
    assert.equal((await project.run({ adopt: true })).status.build, 'executed')
    assert.equal(existsSync(project.path('dist/a')), false)
    assert.equal(project.read('dist/new'), 'new\n')
    project.write('dist/more', '')
    assert.notEqual((await project.run({ force: true })).status.build, 'failed')
  })

test('where it is known only when its turn has come, the task fails, and others go on', async () => {
  using project = new TestProject()
  project.workflow(`
tasks:
  first: { run: "true", inputs: [in] }
  build: { run: "mkdir dist", needs: first, outputs: dist }
  other: { run: "true", cache: false }
`)
  project.write('in', '')
  project.write('dist/a', 'precious')
  const ran = await project.run({ keepGoing: true })
  assert.deepEqual(ran.status, { first: 'executed', build: 'failed', other: 'executed' })
  assert.equal(ran.summary.tasks.find(({ task }) => task === 'build')?.failure?.kind, 'usage')
  assert.equal(project.read('dist/a'), 'precious')
})

test('a file, and a link to a folder, are named as such', async () => {
  using project = new TestProject()
  project.workflow('tasks: { a: { run: "true", outputs: [x] }, b: { run: "true", outputs: [y] } }')
  project.write('x', '')
  project.write('elsewhere/z', '')
  symlinkSync('elsewhere', project.path('y'))
  assert.deepEqual(messages(await project.refused()), [
    'Cannot run "a": its output "x" is there already, and no run of this project made it',
    'Cannot run "b": its output "y" is there already, and no run of this project made it',
  ])
})

test('empty folders are replaced', async () => {
  using project = new TestProject()
  project.workflow(build('dist'))
  mkdirSync(project.path('dist/empty'), { recursive: true })
  assert.equal((await project.run()).status.build, 'executed')
})

test('what a run made may be replaced with another cache folder, after a cleared cache, and after a failure', async () => {
  using project = new TestProject()
  using other = new TestProject()
  project.workflow(build('dist'))
  await project.run()
  await project.run({ cacheDir: other.cacheDir, force: true })
  for (const part of ['projects', 'records']) rmSync(project.path(`cache/${part}`), { recursive: true })
  assert.equal((await project.run()).status.build, 'executed')
  project.workflow(
    'tasks: { build: { run: "mkdir -p dist; echo half > dist/half; kill -9 $$", outputs: [dist], env: [HOME] } }',
  )
  assert.equal((await project.run()).status.build, 'failed')
  project.write('dist/half', 'half')
  project.workflow(build('dist'))
  assert.notEqual((await project.run()).status.build, 'failed')
})

test('a place whose files are all in places that runs made is theirs; one more file is not', async () => {
  using project = new TestProject()
  project.workflow(build('dist/new'))
  await project.run()
  project.workflow(build('dist'))
  project.write('dist/own', 'precious')
  assert.match((await project.refused()).message, /output "dist" holds "dist\/own": no run/)
  rmSync(project.path('dist/own'))
  assert.equal((await project.run()).status.build, 'executed')
  project.workflow(build('dist/new'))
  assert.notEqual((await project.run({ force: true })).status.build, 'failed')
})

test('outputs that are already what a run would make need no run, whoever put them there', async () => {
  using project = new TestProject()
  using clone = new TestProject()
  for (const one of [project, clone]) one.workflow(build('dist'))
  await project.run()
  clone.write('dist/new', 'new\n')
  assert.equal((await clone.run({ cacheDir: project.cacheDir })).status.build, 'up-to-date')
})
