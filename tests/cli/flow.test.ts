import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, test } from 'node:test'
import { makeProject } from './project.ts'
import { run } from './run.ts'

// The launcher may have to build, which it says; the tests are about what comes then.
before(() => run(['--version']))

/** Times and run names differ from run to run. */
const steady = (text: string): string =>
  text
    .replaceAll(/\d+-\d{6}(-\d+)?/g, 'RUN')
    .replaceAll(/ *\d+(\.\d+)? m?s\b/g, ' TIME')
    .replaceAll(/ {2,}/g, '  ')

test('a first run executes, a second one finds everything up to date, results on stdout and progress on stderr', async context => {
  const cwd = makeProject(context, {})
  const first = await run(['flow', 'compile'], { cwd })
  assert.equal(first.code, 0, first.stderr)
  assert.equal(steady(first.stdout), 'passed in TIME · 2 executed · logs in cache/runs/RUN\n')
  assert.equal(
    steady(first.stderr),
    [
      'compile · 2 tasks',
      '  ● compile  no earlier result',
      '  ✓ compile TIME  no earlier result',
      '  ● count  no earlier result',
      '  ✓ count TIME  no earlier result',
      '',
    ].join('\n'),
  )
  const second = await run(['flow', 'compile'], { cwd })
  assert.equal(steady(second.stdout), 'passed in TIME · 2 tasks up to date\n')
  assert.equal(second.stderr, '')
  const third = await run(['flow', 'compile', '-v'], { cwd })
  assert.equal(steady(third.stderr), 'compile · 2 tasks\n  ✓ compile  up to date\n  ✓ count  up to date\n')
})

test('what changed is named, by the run, by a dry run and by why', async context => {
  const cwd = makeProject(context, {})
  await run(['flow', 'compile'], { cwd })
  writeFileSync(join(cwd, 'src/a.txt'), 'b\n')
  const planned = await run(['flow', 'compile', '--dry-run'], { cwd })
  assert.match(steady(planned.stdout), /^planned in TIME · 1 would run, 1 may run\n$/)
  assert.match(planned.stderr, /▸ compile +would run {2}input src\/a\.txt changed/)
  assert.match((await run(['why', 'compile', 'compile'], { cwd })).stdout, /would run: input src\/a\.txt changed\n/)
  assert.match((await run(['flow', 'compile'], { cwd })).stderr, /✓ compile +[\d.]+ m?s {2}input src\/a\.txt changed/)
})

test('a failing task prints what was seen and where the log is, before the summary, and the exit code is 1', async context => {
  const cwd = makeProject(context, {
    'workflows/broken.yaml':
      'tasks:\n  breaks: { run: "echo trying; echo gone >&2; exit 3" }\n  later: { run: "true", needs: [breaks] }\n',
  })
  const { code, stdout, stderr } = await run(['flow', 'broken'], { cwd })
  assert.equal(code, 1)
  assert.equal(steady(stdout), 'failed in TIME · 1 failed, 1 skipped · logs in cache/runs/RUN\n')
  assert.match(
    steady(stderr),
    /error: Task "breaks" failed: exit code 3\n {2}task: {2}breaks\n {2}at: {2}workflows\/broken\.yaml:2:3\n {2}last: {2}trying\n {2}gone\n {2}log: {2}cache\/runs\/RUN\/breaks\.log\n$/,
  )
  assert.equal(stderr.split('error:').length, 2, 'told once')
})

test('--json prints one object a line and nothing else', async context => {
  const cwd = makeProject(context, {})
  const { code, stdout, stderr } = await run(['flow', 'compile', '--json'], { cwd })
  assert.equal(code, 0)
  assert.equal(stderr, '')
  const types = stdout
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line).type)
  assert.equal(types[0], 'run-started')
  assert.equal(types.at(-1), 'run-finished')
})

test('--junit writes the file beside the usual report', async context => {
  const cwd = makeProject(context, {})
  const { stdout } = await run(['flow', 'compile', '--junit', 'reports/junit.xml'], { cwd })
  assert.match(stdout, /^passed/)
  assert.match(readFileSync(join(cwd, 'reports/junit.xml'), 'utf8'), /<testsuite name="compile" tests="2" failures="0"/)
})

test('a parameter comes from --set, then the environment, then k8s-ha.yaml, then its default', async context => {
  const cwd = makeProject(context, {})
  const said = async (argv: readonly string[], env: Readonly<Record<string, string>>) => {
    const { code, stderr } = await run(['flow', 'compile', ...argv], { cwd, env })
    assert.equal(code, 0, stderr)
    return readFileSync(join(cwd, 'out/all'), 'utf8').split('\n')[1]
  }
  assert.equal(await said([], {}), 'hello')
  writeFileSync(join(cwd, 'k8s-ha.yaml'), 'greeting: moin\n')
  assert.equal(await said([], {}), 'moin')
  assert.equal(await said([], { GREETING: 'hello' }), 'hello')
  assert.equal(await said(['--set', 'greeting=moin'], { GREETING: 'hello' }), 'moin')
})

test('--project and --cache-dir name folders seen from where the user is', async context => {
  const project = makeProject(context, {})
  const { code, stdout } = await run(['flow', 'compile', '--project', '.', '--cache-dir', 'other'], { cwd: project })
  assert.equal(code, 0)
  assert.match(stdout, /logs in other\/runs\//)
  assert.ok(existsSync(join(project, 'other/runs')) && !existsSync(join(project, 'cache/runs')))
})

const wrong: readonly (readonly [argv: readonly string[], error: RegExp])[] = [
  [['flaw'], /^error: Unknown command "flaw"; did you mean "flow"\?\n/],
  [['flow', 'compile', '--kep'], /^error: Unknown option "--kep"; did you mean "--keep"\?\n/],
  [['flow', 'compil'], /^error: Unknown workflow "compil"; did you mean "compile"\?\n/],
  [
    ['flow', 'compile', '--only', 'cout'],
    /^error: Unknown task "cout" in workflow "compile"; did you mean "count"\?\n/,
  ],
  [['why', 'compile', 'cout'], /^error: Unknown task "cout"/],
  [
    ['flow', 'compile', '--set', 'greting=moin'],
    /^error: Unknown parameter or setting "greting"; did you mean "greeting"\?\n/,
  ],
  [
    ['flow', 'compile', '--set', 'greeting=mon'],
    /^error: Parameter "greeting" cannot be "mon": .*did you mean "moin"\?\n/,
  ],
  [['flow', 'compile', '--set', 'greeting'], /^error: Cannot set "greeting": it must be name=value\n/],
  [
    ['flow', 'compile', '--set', 'pools.cluster=many'],
    /^error: Cannot use "many" as pools\.cluster: .* \(from --set\)\n/,
  ],
  [['flow', 'compile', '--concurrency', '0'], /^error: Cannot use "0" as --concurrency/],
  [['flow', 'compile', '--project', 'nowhere'], /^error: Cannot open the project "nowhere": there is no such folder\n/],
  [['flow', 'compile', 'compill'], /^error: Unknown workflow "compill"; did you mean "compile"\?/],
  [['graph', 'compile', 'twice'], /^error: Too many arguments/],
  [['graph', 'compile', '--format', 'jpeg'], /^error: Option .* is invalid/],
  [['cache'], /^error: Missing command after "k8s-ha cache": one of stats, verify, prune, clear/],
  [['cache', 'stat'], /^error: Unknown command "stat"; did you mean "stats"\?\n/],
  [['cache', 'prune', '--max-age', 'old'], /^error: Cannot use "old" as an age\n/],
]
for (const [argv, error] of wrong)
  test(`wrong usage: ${argv.join(' ')}`, async context => {
    const { code, stdout, stderr } = await run(argv, { cwd: makeProject(context, {}) })
    assert.match(stderr, error)
    assert.equal(code, 2)
    assert.equal(stdout, '')
  })

test('every error of a workflow file is told, with its place and an excerpt', async context => {
  const cwd = makeProject(context, {
    'workflows/wrong.yaml': 'tasks:\n  one: { rum: "true" }\n  two: { run: "true", needs: [oen] }\n',
  })
  const { code, stderr } = await run(['flow', 'wrong'], { cwd })
  assert.equal(code, 2)
  assert.match(stderr, /did you mean "run"\?\n {2}at: {4}workflows\/wrong\.yaml:2:10\n {2}2 \|/)
})

test('flow without a name lists the workflows in groups, a line each', async context => {
  const cwd = makeProject(context, {
    'workflows/b.yml': 'group: More\ndescription: another one\ntasks: { a: { run: "true" } }\n',
    'workflows/a.yaml': 'group: Even more\ntasks: { a: { run: "true" } }\n',
  })
  const { stdout, stderr } = await run(['flow'], { cwd })
  assert.equal(stdout, '  compile  compiles, then checks\nEven more\n  a\nMore\n  b        another one\n')
  assert.match(stderr, /--help shows its parameters and tasks\n$/)
})

test('flow with a name and --help shows parameters and tasks', async context => {
  const cwd = makeProject(context, {})
  for (const argv of [
    ['flow', 'compile', '--help'],
    ['flow', '-h', 'compile', 'greeting=moin'],
  ]) {
    const { stdout, code } = await run(argv, { cwd })
    assert.equal(code, 0)
    const value = argv.includes('greeting=moin') ? 'moin' : 'hello'
    assert.equal(
      stdout,
      `compile  compiles, then checks
workflows/compile.yaml

parameters, set by name=value
  greeting=${value}  one of hello, moin · what to say · variable GREETING

tasks
  compile  joins the sources
  count    needs compile

k8s-ha flow --help shows the options
`,
    )
  }
  assert.match((await run(['flow', '--help'], { cwd })).stdout, /-n, --dry-run/)
})

test('short flags, name=value, several flows at once, and what stands after --', async context => {
  const cwd = makeProject(context, {
    'workflows/args.yaml': 'tasks: { say: { run: \'printf "<%s>" "$@"\', args: true, inputs: [] } }\n',
  })
  const dry = await run(['flow', '-n', '-k', '-f', '-j', '3', 'compile', 'greeting=moin'], { cwd })
  assert.match(dry.stderr, /compile · 2 tasks · dry run\n.*would run {2}forced\n/)
  const both = await run(['flow', 'compile', 'args', 'greeting=moin', '-v', '--', '-n', 'x y', '--', 'a=b'], { cwd })
  assert.equal(both.code, 0, both.stderr)
  assert.match(both.stderr, /^compile\+args · 3 tasks\n/)
  assert.match(both.stderr, /say │ <-n><x y><--><a=b>\n/)
  assert.match(readFileSync(join(cwd, 'out/all'), 'utf8'), /moin/)
  assert.match(
    (await run(['flow', 'args', 'compile', '--set', 'greeting=moin', '--', '-n', 'x y', '--', 'a=b'], { cwd })).stdout,
    /3 tasks up to date/,
  )
})

test('why without a task explains all', async context => {
  const cwd = makeProject(context, {})
  assert.match(
    (await run(['why', 'compile'], { cwd })).stdout,
    /^compile {2}would run: no earlier result\ncount {4}is not known/,
  )
  await run(['flow', 'compile'], { cwd })
  assert.match((await run(['why', 'compile'], { cwd })).stdout, /^compile {2}is up to date.*\ncount {4}is up to date/)
  assert.equal((await run(['why', 'compile', '--json'], { cwd })).stdout.split('\n').length, 3)
})

test('env puts together what belongs together, and marks what is not the default', async context => {
  const cwd = makeProject(context, {
    'workflows/b.yaml': 'params: { greeting: { default: bye } }\ntasks: { a: { run: "true" } }\n',
  })
  const { stdout } = await run(['env', '--set', 'concurrency=3'], { cwd })
  assert.match(stdout, /^General\n/)
  assert.match(stdout, /\n\* concurrency +3 +--set +tasks at a time.*\n/)
  assert.match(stdout, /\nCache\n/)
  assert.match(
    stdout,
    /\nParameters that differ between workflows\n {2}greeting {2}bye +in b\n {2}greeting {2}hello +in compile · what to say/,
  )
})

test('colour is by wish: NO_COLOR, FORCE_COLOR', async context => {
  const cwd = makeProject(context, {})
  const coloured = async (env: Record<string, string>) =>
    (await run(['flow', 'compile', '-f'], { cwd, env })).stdout.includes('\u001b[')
  assert.equal(await coloured({}), false)
  assert.equal(await coloured({ FORCE_COLOR: '1' }), true)
  assert.equal(await coloured({ FORCE_COLOR: '0' }), false)
  assert.equal(await coloured({ FORCE_COLOR: '1', NO_COLOR: '1' }), false)
  const forced = await run(['flow', 'compile', '-f'], { cwd, env: { FORCE_COLOR: '1' } })
  assert.ok(!/\[\d+A/.test(forced.stderr), 'no moving cursor')
})

test('doctor tells the same as JSON; --version has the commit', async context => {
  const cwd = makeProject(context, {})
  const { stdout } = await run(['doctor', '--json'], { cwd })
  const facts: { tools: { tool: string }[]; driver: { name: string } } = JSON.parse(stdout)
  assert.ok(facts.tools.some(({ tool }) => tool === 'bash'))
  assert.equal(facts.driver.name, 'netns')
  const version = await run(['--version'], { cwd })
  assert.match(version.stdout, /^k8s-ha \d+\.\d+\.\d+(, commit [0-9a-f]{12})? \(Node\.js v24/)
})

test('graph draws the same tasks in every format', async context => {
  const cwd = makeProject(context, {})
  const graph = async (format: string) => (await run(['graph', 'compile', '--format', format], { cwd })).stdout
  assert.equal(await graph('text'), 'compile  joins the sources\ncount    needs compile\n')
  assert.match(await graph('dot'), /^digraph "compile" \{[\s\S]*"compile" -> "count";\n\}\n$/)
  assert.match(await graph('mermaid'), /^flowchart LR\n {2}t0\["compile"\]\n {2}t1\["count"\]\n {2}t0 --> t1\n$/)
  const parsed: { tasks: { name: string; needs: string[] }[] } = JSON.parse(await graph('json'))
  assert.deepEqual(
    parsed.tasks.map(({ name, needs }) => [name, needs]),
    [
      ['compile', []],
      ['count', ['compile']],
    ],
  )
})

test('env tells each value and where it came from', async context => {
  const cwd = makeProject(context, { 'k8s-ha.yaml': 'cache:\n  maxSize: 5GiB\n' })
  const { stdout } = await run(['env', '--set', 'driver=qemu', '--json'], {
    cwd,
    env: { GREETING: 'moin', ARCHIVE: '/a' },
  })
  const rows = new Map(
    stdout
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line))
      .map(row => [row.name, [row.value, row.source]]),
  )
  assert.deepEqual(rows.get('driver'), ['qemu', '--set'])
  assert.deepEqual(rows.get('archive'), ['/a', 'ARCHIVE'])
  assert.deepEqual(rows.get('cache.maxSize'), ['5GiB', 'k8s-ha.yaml'])
  assert.deepEqual(rows.get('concurrency'), ['', 'default'])
  assert.deepEqual(rows.get('greeting'), ['moin', 'GREETING'])
})

test('cache stats tells size, results, the rate of hits, and the largest results by task', async context => {
  const cwd = makeProject(context, {})
  await run(['flow', 'compile'], { cwd })
  for (let more = 0; more < 2; more++) await run(['flow', 'compile'], { cwd })
  const { stdout } = await run(['cache', 'stats'], { cwd })
  const lines = stdout.trimEnd().split('\n')
  assert.match(lines[0] ?? '', /^[\d.]+ (B|KiB) in .*\/cache: 2 results, 2 files$/)
  assert.equal(lines[1], '66 % hits: 4 up to date, 0 restored, 2 executed, over the runs whose logs are kept')
  assert.deepEqual(lines.slice(2), ['  compile         8 B  1 result', '  count           2 B  1 result'])
})

test('cache prune removes what interrupted builds of Kubernetes left, once it is old', async context => {
  const builds = 'cache/go-build'
  const [old, recent] = ['1cda2f7b7fd22164-old', '0c9c879c866b3868-recent']
  const cwd = makeProject(context, { [`${builds}/${old}/00/object`]: '', [`${builds}/${recent}/00/object`]: '' })
  for (const part of ['', '00']) utimesSync(join(cwd, builds, old, part), 1, 1)
  // A build that runs writes into folders that were there before.
  utimesSync(join(cwd, builds, recent), 1, 1)
  const prune = (...argv: readonly string[]) => run(['cache', 'prune', '--max-age', '1d', ...argv], { cwd })
  assert.equal((await prune('--dry-run')).code, 0)
  assert.deepEqual(readdirSync(join(cwd, builds)).toSorted(), [recent, old])
  assert.equal((await prune()).code, 0)
  assert.deepEqual(readdirSync(join(cwd, builds)), [recent])
  assert.equal((await run(['cache', 'clear'], { cwd })).code, 0)
  assert.deepEqual(readdirSync(join(cwd, builds)), [])
})

test('runs lists what ran', async context => {
  const cwd = makeProject(context, {})
  await run(['flow', 'compile'], { cwd })
  await run(['flow', 'compile'], { cwd })
  const { stdout } = await run(['runs'], { cwd })
  assert.equal(stdout.trimEnd().split('\n').length, 2)
  assert.match(stdout, /^[\d-]+ {2}compile {2}passed .* {2}2 executed {2}cache\/runs\/[\d-]+\n/)
})

test('a run with nothing to do loads neither what builds use nor what hides behind the names of node:util', async context => {
  const cwd = makeProject(context, {
    'loaded.cjs':
      "process.on('exit', () => require('fs').writeFileSync('loaded.json', JSON.stringify(process.moduleLoadList)))",
  })
  const env = { NODE_OPTIONS: `--require=${join(cwd, 'loaded.cjs')}` }
  const loaded = async (): Promise<ReadonlySet<string>> => {
    assert.equal((await run(['flow', 'compile'], { cwd, env })).code, 0)
    return new Set(JSON.parse(readFileSync(join(cwd, 'loaded.json'), 'utf8')))
  }
  const spawning = 'NativeModule child_process'
  assert.ok((await loaded()).has(spawning), 'what runs something has to load it')
  const again = await loaded()
  for (const unwanted of [
    spawning,
    'NativeModule internal/util/diff',
    'NativeModule internal/util/parse_args/parse_args',
  ])
    assert.ok(!again.has(unwanted), `${unwanted} was loaded`)
})

test('a JUnit file that cannot be is refused before anything runs, also where no folder can be made', async context => {
  const cwd = makeProject(context, {})
  for (const place of ['/proc/nowhere/below/report.xml', '/dev/null/report.xml', 'src']) {
    const seen = await run(['flow', 'compile', '--junit', place], { cwd })
    assert.equal(seen.code, 2)
    assert.match(seen.stderr, /^error: Cannot write the JUnit report to /)
  }
  assert.equal(existsSync(join(cwd, 'out/all')), false)
})
