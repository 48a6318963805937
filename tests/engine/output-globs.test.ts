/** Globs among the outputs of tasks: what they match is kept, restored and removed, and nothing else is. */
import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { test } from 'node:test'
import { MadePlaces } from '../../src/engine/store/made-places.ts'
import { watchedFiles } from '../../src/engine/watched-files.ts'
import { why } from '../../src/engine/why.ts'
import { runDeclared } from '../../src/sandbox/run-declared.ts'
import { fates, runWith, SharedFolder } from '../remote/remote-project.ts'
import { messages, TestProject } from './project.ts'

/** Makes a file for each name in `list`, and in `report.xml` their number. */
const build = `
tasks:
  build:
    run: |
      for file in $(cat list); do mkdir -p $(dirname $file); echo $file > $file; done
      wc -l < list > report.xml
    inputs: [list]
    outputs: ["dist/**/*.js", report.xml, "!dist/**/*.min.js"]
`

function madeProject(list: string, workflow = build): TestProject {
  const project = new TestProject()
  project.workflow(workflow)
  project.write('list', list)
  return project
}

const failureOf = (
  { summary }: { readonly summary: Awaited<ReturnType<TestProject['run']>>['summary'] },
  task: string,
) => summary.tasks.find(one => one.task === task)?.failure

test('what globs match is kept and restored; what else lies there stays as it is', async () => {
  using project = madeProject('dist/a.js\ndist/deep/b.js\ndist/c.css\ndist/d.min.js\n')
  assert.equal((await project.run()).status.build, 'executed')
  assert.equal((await project.run()).because.build, 'nothing changed')
  for (const name of ['dist/a.js', 'dist/deep', 'report.xml', 'dist/c.css', 'dist/d.min.js'])
    rmSync(project.path(name), { recursive: true })
  project.write('dist/own.css', 'mine')
  const ran = await project.run()
  assert.deepEqual(ran.status, { build: 'restored' })
  assert.equal(ran.because.build, 'outputs report.xml, dist/a.js, dist/deep/b.js is missing')
  assert.equal(project.read('dist/deep/b.js'), 'dist/deep/b.js\n')
  assert.deepEqual(readdirSync(project.path('dist')).sort(), ['a.js', 'deep', 'own.css'])
})

test('a restored result takes the place of what an earlier run made', async () => {
  using project = madeProject('dist/a.js\ndist/old/b.js\n')
  await project.run()
  project.write('list', 'dist/c.js\n')
  assert.equal((await project.run()).status.build, 'executed')
  assert.deepEqual(readdirSync(project.path('dist')), ['c.js'])
  project.write('list', 'dist/a.js\ndist/old/b.js\n')
  assert.equal((await project.run()).status.build, 'restored')
  assert.deepEqual(readdirSync(project.path('dist')).sort(), ['a.js', 'old'])
  assert.equal((await project.run()).because.build, 'nothing changed')
})

test('a file that matches and that no run made is named, and stays; --adopt replaces it', async () => {
  using project = madeProject('dist/a.js\n')
  project.write('dist/deep/own.js', 'precious')
  const failure = await project.refused()
  assert.equal(
    failure.message,
    'Cannot run "build": its outputs match "dist/deep/own.js": no run of this project made that',
  )
  assert.match(failure.try ?? '', /"!dist\/deep\/own\.js".*--adopt/)
  await project.refused({ dryRun: true })
  assert.equal(project.read('dist/deep/own.js'), 'precious')
  assert.equal((await project.run({ adopt: true })).status.build, 'executed')
  assert.equal(existsSync(project.path('dist/deep')), false)
  project.write('dist/later.js', 'precious')
  assert.match((await project.refused()).message, /its outputs match "dist\/later\.js": no run/)
  await project.refused({ force: true })
  assert.equal(project.read('dist/later.js'), 'precious')
  rmSync(project.path('dist/later.js'))
  assert.equal((await project.run()).status.build, 'up-to-date')
})

test('what a run made is known with another cache folder, after a failure, and after a change of the globs', async () => {
  using project = madeProject('dist/a.js\n')
  using other = new TestProject()
  await project.run()
  await project.run({ cacheDir: other.cacheDir, force: true })
  project.workflow(build.replace('dist/**/*.js', 'dist/**/*.{js,css}').replace('wc', 'echo > dist/x.css; exit 3; wc'))
  assert.equal((await project.run()).status.build, 'failed')
  assert.deepEqual([existsSync(project.path('dist/a.js')), existsSync(project.path('dist/x.css'))], [false, false])
  project.write('dist/x.css', 'mine')
  project.workflow(build)
  assert.equal((await project.run()).status.build, 'restored')
  assert.equal(project.read('dist/x.css'), 'mine')
})

test('a glob that matches nothing after its task is an error that names it', async () => {
  using project = madeProject('dist/a.css\n')
  const ran = await project.run()
  assert.equal(failureOf(ran, 'build')?.message, 'Task "build" made nothing that its output "dist/**/*.js" matches')
  assert.equal(existsSync(project.path('report.xml')), false)
})

test('why names files that are gone and files that have come', async () => {
  using project = madeProject('dist/a.js\ndist/b.js\n')
  await project.run()
  rmSync(project.path('dist/b.js'))
  const gone = await why(project.options(), 'main', 'build')
  assert.equal(gone.ok && `${gone.value.status}: ${gone.value.because}`, 'would-restore: output dist/b.js is missing')
  await project.run()
  project.write('dist/a.js', 'other')
  const changed = await why(project.options(), 'main', 'build')
  assert.equal(changed.ok && changed.value.because, 'outputs dist/**/*.js, report.xml changed')
})

test('a task that needs another sees what its globs matched, by the digest of that', async () => {
  using project = madeProject(
    'dist/a.js\n',
    `${build}  pack: { run: "cat dist/*.js > all", needs: build, inputs: ["dist/**"], outputs: all }\n`,
  )
  assert.deepEqual((await project.run()).status, { build: 'executed', pack: 'executed' })
  project.write('list', 'dist/a.js\ndist/b.js\n')
  assert.deepEqual((await project.run()).because, { build: 'input list changed', pack: 'output of build changed' })
  assert.equal(project.read('all'), 'dist/a.js\ndist/b.js\n')
  rmSync(project.path('dist'), { recursive: true })
  assert.deepEqual((await project.run()).status, { build: 'restored', pack: 'up-to-date' })
})

test('a task may write beside its sources: what it made is not among its inputs', async () => {
  using project = madeProject('')
  project.workflow(
    'tasks: { tsc: { run: "for f in src/*.ts; do cp $f ${f%.ts}.js; done", inputs: ["src/**"], outputs: ["src/**/*.js"] } }',
  )
  project.write('src/a.ts', 'a')
  assert.equal((await project.run()).status.tsc, 'executed')
  assert.equal((await project.run()).status.tsc, 'up-to-date')
  const watched = await watchedFiles(project.options(), 'main', undefined)
  assert.deepEqual([...watched.snapshot().keys()].sort(), ['src/a.ts', 'workflows/main.yaml'])
  assert.equal(watched.isIgnored(project.path('src/a.js')), true)
})

test('links are kept as links, and nothing behind them is an output', async () => {
  using project = madeProject('')
  project.write('elsewhere/x.js', 'mine')
  project.workflow(
    'tasks: { t: { run: "cd o; ln -s ../elsewhere l.js; echo > f.js", inputs: [], outputs: ["o/**/*.js"] } }',
  )
  assert.equal((await project.run()).status.t, 'executed')
  rmSync(project.path('o/l.js'))
  assert.equal((await project.run()).status.t, 'restored')
  assert.equal(readFileSync(project.path('o/l.js/x.js'), 'utf8'), 'mine')
  project.workflow('tasks: { t: { run: "mkfifo o/p.js", inputs: [], outputs: ["o/**/*.js"] } }')
  const ran = await project.run()
  assert.equal(failureOf(ran, 't')?.message, 'Task "t" made "o/p.js", which is neither file, folder nor link')
})

test('a base that leads out of the project is refused, and nothing there is touched', async () => {
  using project = madeProject('dist/a.js\n')
  using outside = new TestProject()
  outside.write('own.js', 'precious')
  symlinkSync(outside.dir, project.path('dist'))
  const ran = await project.run({ adopt: true })
  assert.match(failureOf(ran, 'build')?.message ?? '', /would lie outside the project: "dist" leads to/)
  assert.equal(outside.read('own.js'), 'precious')
  assert.equal(existsSync(outside.path('a.js')), false)
})

for (const [what, outputs, path] of [
  ['the same globs', '["d/*.js"], ["d/*.js"]', 'd/x.js'],
  ['a glob that matches more', '["d/**"], ["d/*.js"]', 'd/x.js'],
  ['a file that a glob matches', '["d/**"], [d/report.xml]', 'd/report.xml'],
  ['a folder that holds what a glob matches', '["d/e/*.js"], [d]', 'd/e/x.js'],
] as const)
  test(`overlapping outputs are refused before anything runs: ${what}`, async () => {
    using project = new TestProject()
    const [first = '', second = ''] = outputs.split('], [').map(part => part.replace(/^\[|\]$/g, ''))
    project.workflow(
      `tasks:\n  a: { run: x, inputs: [], outputs: [${first}] }\n  b: { run: x, inputs: [], outputs: [${second}] }\n`,
    )
    const [message = '', ...others] = messages(await project.refused())
    assert.match(message, /^Tasks "(a|b)" and "(a|b)" both own /)
    assert.ok(message.includes(`"${path}"`), message)
    assert.deepEqual(others, [])
  })

test('an excluded path does not overlap', async () => {
  using project = new TestProject()
  project.workflow(`
tasks:
  a: { run: "echo > d/a.js", inputs: [], outputs: ["d/**", "!d/report.xml", "!d/sub"] }
  b: { run: "echo > d/report.xml; mkdir -p d/sub; echo > d/sub/x", inputs: [], outputs: [d/report.xml, d/sub] }
`)
  assert.deepEqual((await project.run()).status, { a: 'executed', b: 'executed' })
  assert.deepEqual((await project.run({ force: true })).status, { a: 'executed', b: 'executed' })
  assert.deepEqual((await project.run()).status, { a: 'up-to-date', b: 'up-to-date' })
})

test('a file that turns out to be of two tasks fails the one that made it last, and stays', async () => {
  using project = new TestProject()
  project.workflow(`
tasks:
  first: { run: "mkdir -p d/lib; echo > d/lib/x.js; echo > d/lib/y", inputs: [], outputs: [d/lib] }
  second: { run: "echo > d/a.js", inputs: [], outputs: ["d/**/*.js"], needs: [first] }
`)
  const ran = await project.run()
  const failure = failureOf(ran, 'second')
  assert.equal(failure?.message, 'Tasks "second" and "first" both own "d/lib/x.js", by their outputs')
  assert.match(failure?.try ?? '', /"!d\/lib\/x\.js"/)
  assert.equal(existsSync(project.path('d/lib/x.js')), true)
})

test('what no output may touch is matched by no glob', async () => {
  using project = new TestProject()
  project.workflow('tasks: { t: { run: "mkdir -p sub; echo > sub/a.yaml", inputs: [], outputs: ["**/*.yaml"] } }')
  project.write('k8s-ha.yaml', '{}')
  project.write('sub/.git/x.yaml', '')
  assert.equal((await project.run()).status.t, 'executed')
  assert.equal((await project.run({ force: true })).status.t, 'executed')
  assert.deepEqual([project.read('k8s-ha.yaml'), existsSync(project.path('sub/.git/x.yaml'))], ['{}', true])
  project.workflow(
    'tasks: { t: { run: x, outputs: ["cache/*.js", "!a", "x/.git/*"] }, u: { uses: n, outputs: ["*"] } }',
  )
  assert.deepEqual(messages(await project.refused({ taskTypes: { n: () => Promise.reject(new Error('no')) } })), [
    'Output "cache/*.js" touches "cache", which is not for outputs',
    'Output "x/.git/*" touches ".git", which is not for outputs',
    'The task type "n" makes files or folders: no output can be a glob',
  ])
  project.workflow('tasks: { t: { run: x, outputs: [a, "!a/b"] } }')
  assert.deepEqual(messages(await project.refused()), ['Output "!a/b" excludes nothing: no output is a glob'])
})

test('after a killed run all that its globs match is its work', async () => {
  using project = madeProject('dist/a.js\n')
  await project.run()
  const outputs = ['dist/**/*.js', 'report.xml', '!dist/**/*.min.js']
  new MadePlaces(project.dir).begin(outputs)
  project.write('dist/half.js', '')
  assert.equal((await project.run({ force: true })).status.build, 'executed')
  assert.deepEqual(readdirSync(project.path('dist')), ['a.js'])
  project.write('dist/half.js', 'mine')
  await project.refused({ force: true })
})

test('the list of what runs made does not grow with their number', async () => {
  using project = madeProject('')
  const places = new MadePlaces(project.dir)
  places.begin(['place'])
  for (let run = 0; run < 500; run++) {
    places.begin(['d/*.js'])
    places.end(['d/*.js'], [`d/${run}.js`])
  }
  places.begin(['e/*.js'])
  assert.ok(project.read('cache/made').split('\n').length < 500)
  const again = new MadePlaces(project.dir)
  const paths = ['place/x', 'd/499.js', 'd/1.js', 'e/any.js', 'other']
  assert.deepEqual(
    paths.map(path => again.has(path)),
    [true, true, false, true, false],
  )
})

test('what globs matched is shared through a remote cache', async () => {
  using project = madeProject('dist/a.js\ndist/deep/b.js\n')
  using other = madeProject('dist/a.js\ndist/deep/b.js\n')
  using shared = new SharedFolder()
  await runWith(project, shared.path)
  const ran = await runWith(other, shared.path)
  assert.deepEqual(fates(ran), { build: 'restored from remote' })
  assert.equal(other.read('dist/deep/b.js'), 'dist/deep/b.js\n')
})

const skip = process.getuid?.() === 0 ? false : 'needs root'

test('in a sandbox, too: what matches is taken, what is excluded is dropped, what else is written is named', {
  skip,
}, async () => {
  using project = madeProject('dist/a.js\ndist/deep/b.js\ndist/d.min.js\n')
  const extra = { verifyInputs: true, sandbox: { run: runDeclared } }
  mkdirSync(project.path('dist'))
  project.write('dist/own.css', 'mine')
  const first = await project.run(extra)
  assert.deepEqual([first.status.build, failureOf(first, 'build')?.message], ['executed', undefined])
  assert.deepEqual(readdirSync(project.path('dist')).sort(), ['a.js', 'deep', 'own.css'])
  assert.equal((await project.run()).status.build, 'up-to-date')
  assert.equal((await project.run(extra)).status.build, 'executed')
  project.write('list', 'dist/a.js\ndist/c.css\n')
  const ran = await project.run({ ...extra, keepGoing: true })
  assert.match(failureOf(ran, 'build')?.message ?? '', /wrote files that it does not declare: "dist\/c\.css"/)
})
