/** What decides whether a task runs. */
import assert from 'node:assert/strict'
import {
  chmodSync,
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { type Ran, TestProject } from './project.ts'

const chain = `
tasks:
  compile:
    run: mkdir -p out; tr a-z A-Z < src/a.txt > out/a
    inputs: [src/a.txt]
    outputs: [out/a]
  link:
    run: cat out/a out/a > out/b
    needs: [compile]
    outputs: [out/b]
`

function chainProject(): TestProject {
  const project = new TestProject()
  project.workflow(chain)
  project.write('src/a.txt', 'hello')
  return project
}

test('a second run has nothing to do', async () => {
  using project = chainProject()
  const first = await project.run()
  assert.deepEqual(first.status, { compile: 'executed', link: 'executed' })
  assert.equal(first.because.compile, 'no earlier result')
  assert.equal(project.read('out/b'), 'HELLOHELLO')
  const second = await project.run()
  assert.deepEqual(second.status, { compile: 'up-to-date', link: 'up-to-date' })
})

test('a changed input runs its task and what follows, and the reason names the input', async () => {
  using project = chainProject()
  await project.run()
  project.write('src/a.txt', 'other')
  const ran = await project.run()
  assert.deepEqual(ran.status, { compile: 'executed', link: 'executed' })
  assert.equal(ran.because.compile, 'input src/a.txt changed')
  assert.equal(ran.because.link, 'output of compile changed')
})

test('a rerun that makes the same bytes stops there', async () => {
  using project = chainProject()
  await project.run()
  project.write('src/a.txt', 'HELLO')
  const ran = await project.run()
  assert.deepEqual(ran.status, { compile: 'executed', link: 'up-to-date' })
})

test('an input that changes back is restored, not run', async () => {
  using project = chainProject()
  await project.run()
  project.write('src/a.txt', 'other')
  await project.run()
  project.write('src/a.txt', 'hello')
  const ran = await project.run()
  assert.deepEqual(ran.status, { compile: 'restored', link: 'restored' })
  assert.equal(project.read('out/b'), 'HELLOHELLO')
})

test('a new modification time alone decides nothing', async () => {
  using project = chainProject()
  await project.run()
  utimesSync(project.path('src/a.txt'), 1, 1)
  assert.deepEqual((await project.run()).status, { compile: 'up-to-date', link: 'up-to-date' })
})

test('a change that keeps size and modification time is noticed', async () => {
  using project = chainProject()
  utimesSync(project.path('src/a.txt'), 1000, 1000)
  await project.run()
  project.write('src/a.txt', 'jello')
  utimesSync(project.path('src/a.txt'), 1000, 1000)
  const ran = await project.run()
  assert.equal(ran.because.compile, 'input src/a.txt changed')
})

test('the mode of an input counts', async () => {
  using project = chainProject()
  await project.run()
  chmodSync(project.path('src/a.txt'), 0o755)
  assert.equal((await project.run()).because.compile, 'input src/a.txt changed')
})

test('a missing output is restored', async () => {
  using project = chainProject()
  await project.run()
  rmSync(project.path('out'), { recursive: true })
  const ran = await project.run()
  assert.deepEqual(ran.status, { compile: 'restored', link: 'restored' })
  assert.equal(ran.because.compile, 'output out/a is missing')
  assert.equal(project.read('out/a'), 'HELLO')
})

test('an output that someone edited is put right', async () => {
  using project = chainProject()
  await project.run()
  project.write('out/a', 'forged')
  const ran = await project.run()
  assert.deepEqual(ran.status, { compile: 'restored', link: 'up-to-date' })
  assert.equal(ran.because.compile, 'output out/a changed')
  assert.equal(project.read('out/a'), 'HELLO')
})

test('a file that someone added to an output folder is removed', async () => {
  using project = new TestProject()
  project.workflow('tasks:\n  make: { run: "mkdir out; echo 1 > out/a", outputs: [out] }\n')
  await project.run()
  project.write('out/stray', 'x')
  const ran = await project.run()
  assert.equal(ran.status.make, 'restored')
  assert.deepEqual(readdirSync(project.path('out')), ['a'])
})

test('only declared variables reach the task, and a change of one is named without its value', async () => {
  using project = new TestProject()
  project.workflow('tasks:\n  show: { run: "env > out", outputs: [out], env: [SECRET] }\n')
  const first = await project.run({ environment: { SECRET: 'one', OTHER: 'x' } })
  const names = project
    .read('out')
    .trim()
    .split('\n')
    .map(line => line.split('=')[0])
    .sort()
  assert.deepEqual(names, ['HOME', 'LANG', 'PATH', 'PWD', 'SECRET', 'SHLVL', 'TMPDIR', '_'])
  const second = await project.run({ environment: { SECRET: 'zweitens', OTHER: 'y' } })
  assert.equal(first.status.show, 'executed')
  assert.equal(second.because.show, 'variable SECRET changed')
  const kept = grep(join(project.cacheDir, 'projects'), 'zweitens')
  assert.deepEqual(kept, [])
  assert.equal((await project.run({ environment: { SECRET: 'zweitens', OTHER: 'z' } })).status.show, 'up-to-date')
})

test('an unset variable is another thing than an empty one', async () => {
  using project = new TestProject()
  project.workflow('tasks:\n  show: { run: "printenv CC || echo unset > out", outputs: [out], env: [CC] }\n')
  await project.run()
  assert.equal(project.read('out'), 'unset\n')
  assert.equal((await project.run({ environment: { CC: '' } })).because.show, 'variable CC changed')
})

test('the output of a fingerprint command counts, and a failing one is an error', async () => {
  using project = new TestProject()
  project.workflow('tasks:\n  make: { run: "date +%N > out", outputs: [out], fingerprint: ["cat version"] }\n')
  project.write('version', '1')
  await project.run()
  assert.equal((await project.run()).status.make, 'up-to-date')
  project.write('version', '2')
  assert.equal((await project.run()).because.make, 'output of tool "cat version" changed')
  rmSync(project.path('version'))
  const failed = await project.run()
  assert.equal(failed.summary.status, 'failed')
  assert.match(
    failed.summary.tasks[0]?.failure?.message ?? '',
    /Fingerprint command "cat version" of task "make" failed/,
  )
})

test('a parameter that a task uses counts for that task alone', async () => {
  using project = new TestProject()
  project.workflow(`
params: { color: { default: red } }
tasks:
  paint: { run: "echo \${{ params.color }} > out", outputs: [out] }
  other: { run: "echo > other", outputs: [other] }
`)
  await project.run()
  const ran = await project.run({ set: new Map([['color', 'blue']]) })
  assert.deepEqual(ran.status, { paint: 'executed', other: 'up-to-date' })
  assert.equal(ran.because.paint, 'parameter color changed')
  assert.equal(project.read('out'), 'blue\n')
})

test('a change of the definition counts; of its description, retries or time-out it does not', async () => {
  using project = new TestProject()
  const workflow = (run: string, more: string) =>
    project.workflow(`tasks:\n  make: { run: "${run}", outputs: [out]${more} }\n`)
  workflow('echo 1 > out', '')
  await project.run()
  workflow('echo 1 > out', ', description: new, retries: 3, timeout: 1m, resources: {cpu: 2}')
  assert.equal((await project.run()).status.make, 'up-to-date')
  workflow('echo 2 > out', '')
  assert.equal((await project.run()).because.make, 'its definition changed')
})

test('modes, links, empty folders and times survive a restore', async () => {
  using project = new TestProject()
  project.workflow(`
tasks:
  make:
    run: |
      mkdir -p out/empty out/sub
      echo x > out/sub/tool; chmod 750 out/sub/tool; touch -d @1500000000.25 out/sub/tool
      ln -s sub/tool out/link; ln -s nowhere out/dangling; ln -s /etc/passwd out/absolute
      echo y > out/secret; chmod 600 out/secret; chmod 555 out/empty
    outputs: [out]
`)
  await project.run()
  const before = picture(project.path('out'))
  rmSync(project.path('out'), { recursive: true })
  assert.equal((await project.run()).status.make, 'restored')
  assert.deepEqual(picture(project.path('out')), before)
  assert.equal(before['sub/tool'], 'file 750 1500000000250')
})

test('only declared outputs are stored', async () => {
  using project = new TestProject()
  project.workflow('tasks:\n  make: { run: "echo declared > a; echo undeclared-text > b", outputs: [a] }\n')
  await project.run()
  assert.deepEqual(grep(join(project.cacheDir, 'blobs'), 'undeclared-text'), [])
  assert.notDeepEqual(grep(join(project.cacheDir, 'blobs'), 'declared'), [])
})

test('outputs are removed before a task runs', async () => {
  using project = new TestProject()
  project.workflow('tasks:\n  make: { run: "mkdir out && cp in out/", inputs: [in], outputs: [out] }\n')
  project.write('in', '1')
  await project.run()
  project.write('in', '2')
  project.write('out/old', 'x')
  await project.run()
  assert.deepEqual(readdirSync(project.path('out')), ['in'])
})

test('a task that does not make its output fails, and leaves no other output', async () => {
  using project = new TestProject()
  project.workflow('tasks:\n  make: { run: "echo > a", outputs: [a, b] }\n')
  const ran = await project.run()
  assert.equal(ran.summary.tasks[0]?.failure?.message, 'Task "make" did not make its output "b"')
  assert.equal(existsSync(project.path('a')), false)
})

test('an input that changes while its task runs keeps the result from being stored, and it is said', async () => {
  using project = new TestProject()
  project.workflow('tasks:\n  make: { run: "cp in out; echo later >> in", inputs: [in], outputs: [out] }\n')
  project.write('in', '1\n')
  const ran = await project.run()
  assert.equal(ran.status.make, 'executed')
  assert.deepEqual(ran.warnings, ['its result is not kept: input in changed while it ran'])
  assert.equal((await project.run()).status.make, 'executed')
})

test('a task that changes what it needs is not stored either', async () => {
  using project = new TestProject()
  project.workflow(`
tasks:
  a: { run: "echo 1 > a", outputs: [a] }
  b: { run: "echo 2 >> a; cp a b", needs: [a], outputs: [b] }
`)
  const ran = await project.run()
  assert.deepEqual(ran.warnings, ['its result is not kept: output of a changed while it ran'])
})

test('a new file that a glob matches counts', async () => {
  using project = new TestProject()
  project.workflow(
    'tasks:\n  make: { run: "cat src/*.c > out", inputs: ["src/**/*.c", "!src/**/*_test.c"], outputs: [out] }\n',
  )
  project.write('src/a.c', 'a')
  await project.run()
  project.write('src/a_test.c', 'test')
  assert.equal((await project.run()).status.make, 'up-to-date')
  project.write('src/b.c', 'b')
  assert.equal((await project.run()).because.make, 'input src/b.c added')
  rmSync(project.path('src/a.c'))
  assert.equal((await project.run()).because.make, 'input src/a.c removed')
})

test('a glob that matches everything takes neither the cache nor outputs of tasks that are not needed', async () => {
  using project = new TestProject()
  project.workflow(`
tasks:
  all: { run: "ls > out-all", inputs: ["**"], outputs: [out-all] }
  other: { run: "date +%N > out-other", outputs: [out-other], cache: false }
`)
  project.write('.git/HEAD', 'x')
  await project.run()
  project.write('.git/HEAD', 'y')
  const ran = await project.run()
  assert.deepEqual(ran.status, { all: 'up-to-date', other: 'executed' })
})

test('what a link points to counts', async () => {
  using project = new TestProject()
  project.workflow('tasks:\n  make: { run: "cat link > out", inputs: [link], outputs: [out] }\n')
  project.write('one', '1')
  symlinkSync('one', project.path('link'))
  await project.run()
  project.write('one', '2')
  assert.equal((await project.run()).because.make, 'input link changed')
  assert.equal(project.read('out'), '2')
})

test('restore and clean-up never follow a link out of the project', async () => {
  using project = new TestProject()
  using elsewhere = new TestProject()
  project.workflow('tasks:\n  make: { run: "mkdir -p build; echo 1 > build/out", outputs: [build/out] }\n')
  await project.run()
  rmSync(project.path('build'), { recursive: true })
  elsewhere.write('out', 'precious')
  symlinkSync(elsewhere.dir, project.path('build'))
  const ran = await project.run()
  assert.equal(ran.status.make, 'failed')
  assert.match(ran.summary.tasks[0]?.failure?.message ?? '', /output "build\/out" would lie outside the project/)
  assert.equal(elsewhere.read('out'), 'precious')
})

test('an output folder that was replaced by a link is restored as a folder; the link’s target stays', async () => {
  using project = new TestProject()
  using elsewhere = new TestProject()
  project.workflow('tasks:\n  make: { run: "mkdir out; echo 1 > out/a", outputs: [out] }\n')
  await project.run()
  rmSync(project.path('out'), { recursive: true })
  elsewhere.write('a', 'precious')
  symlinkSync(elsewhere.dir, project.path('out'))
  assert.equal((await project.run()).status.make, 'restored')
  assert.equal(lstatSync(project.path('out')).isDirectory(), true)
  assert.equal(elsewhere.read('a'), 'precious')
})

test('a damaged blob is a miss that is said, and is rebuilt', async () => {
  using project = chainProject()
  await project.run()
  rmSync(project.path('out'), { recursive: true })
  const [blob] = grep(join(project.cacheDir, 'blobs'), 'HELLO')
  chmodSync(blob ?? '', 0o644)
  writeFileSync(blob ?? '', 'HELLP')
  const ran = await project.run()
  assert.equal(ran.status.compile, 'executed')
  assert.match(ran.because.compile ?? '', /cached result cannot be used: blob [0-9a-f]{12}… is damaged/)
  rmSync(project.path('out'), { recursive: true })
  assert.equal((await project.run()).status.compile, 'restored')
  assert.equal(project.read('out/a'), 'HELLO')
})

const flippable: Readonly<Record<string, (ran: Ran) => string>> = {
  blobs: ran => ran.because.many ?? '',
  manifests: ran => ran.because.many ?? '',
  records: ran => ran.because.many ?? '',
  projects: ran => ran.warnings.join('\n'),
}
for (const [part, told] of Object.entries(flippable))
  test(`a flipped bit anywhere in ${part} is found and named, and what it was in is made again`, async () => {
    using project = new TestProject()
    // Its manifest is too long to be a part of its record.
    project.workflow(
      'tasks:\n  many: { run: "mkdir out; for i in {1..40}; do echo $i > out/$i; done", outputs: [out] }\n',
    )
    await project.run()
    for (const at of [0, 0.3, 0.6, 0.999]) {
      rmSync(project.path('out'), { recursive: true })
      const found = files(join(project.cacheDir, part))
      assert.notEqual(found.length, 0)
      for (const file of found) flipBit(file, at)
      const ran = await project.run()
      assert.equal(ran.summary.status, 'passed')
      assert.match(told(ran), /(blob|manifest) [0-9a-f]{12}… is damaged|its record is damaged|(state|files) is damaged/)
      assert.equal(project.read('out/40'), '40\n')
      rmSync(project.path('out'), { recursive: true })
      const again = await project.run()
      assert.deepEqual([again.status.many, again.warnings], ['restored', []])
    }
  })

test('what changed since a record that is gone or damaged is said to be unknown, and why', async () => {
  using project = new TestProject()
  project.workflow('tasks:\n  make: { run: "cp in out", inputs: [in], outputs: [out] }\n')
  for (const [text, spoil, because] of [
    ['1', (file: string) => flipBit(file, 0.5), 'something changed; the record of its last result is damaged'],
    ['2', (file: string) => rmSync(file), 'something changed; the record of its last result was pruned'],
  ] as const) {
    project.write('in', text)
    await project.run()
    for (const file of files(join(project.cacheDir, 'records'))) spoil(file)
    project.write('in', `${text}0`)
    assert.equal((await project.run()).because.make, because)
  }
})

test('a result that was pruned is run again, and it is said', async () => {
  using project = chainProject()
  await project.run()
  rmSync(project.path('out'), { recursive: true })
  rmSync(join(project.cacheDir, 'records'), { recursive: true })
  assert.equal((await project.run()).because.compile, 'output out/a is missing, and its cached result was pruned')
})

test('a failed task runs again, and it is said', async () => {
  using project = new TestProject()
  project.workflow('tasks:\n  make: { run: "test -e marker && touch out", outputs: [out] }\n')
  assert.equal((await project.run()).status.make, 'failed')
  project.write('marker', '')
  const ran = await project.run()
  assert.equal(ran.status.make, 'executed')
  assert.equal(ran.because.make, 'its last run failed')
})

test('two projects share a cache folder, each right', async () => {
  using one = chainProject()
  using two = chainProject()
  using cache = new TestProject()
  two.write('src/a.txt', 'second')
  const extra = { cacheDir: cache.dir }
  await Promise.all([one.run(extra), two.run(extra)])
  assert.equal(one.read('out/b'), 'HELLOHELLO')
  assert.equal(two.read('out/b'), 'SECONDSECOND')
  two.write('src/a.txt', 'hello')
  assert.deepEqual((await two.run(extra)).status, { compile: 'restored', link: 'restored' })
  assert.equal((await one.run(extra)).status.link, 'up-to-date')
})

test('a large output is stored in pieces and comes back whole', async () => {
  using project = new TestProject()
  project.workflow(
    'tasks:\n  make: { run: "head -c 20000001 /dev/urandom > out; sha256sum < out > sum", outputs: [out, sum] }\n',
  )
  await project.run()
  const sum = project.read('sum')
  rmSync(project.path('out'))
  assert.equal((await project.run()).status.make, 'restored')
  project.workflow('tasks:\n  check: { run: "sha256sum < out", cache: false }\n', 'check')
  assert.equal((await project.run({ workflow: 'check' })).output, sum)
  assert.equal((await project.run()).status.make, 'up-to-date')
})

test('--force runs what is up to date; --force-task that task alone', async () => {
  using project = chainProject()
  await project.run()
  assert.deepEqual((await project.run({ force: true })).status, { compile: 'executed', link: 'executed' })
  assert.deepEqual((await project.run({ forceTasks: ['compile'] })).status, { compile: 'executed', link: 'up-to-date' })
})

test('a task that is not cached always runs', async () => {
  using project = new TestProject()
  project.workflow('tasks:\n  check: { run: "true", cache: false }\n')
  await project.run()
  assert.equal((await project.run()).status.check, 'executed')
})

/** Path → what must survive. */
function picture(folder: string): Record<string, string> {
  const found: Record<string, string> = {}
  const visit = (at: string, name: string) => {
    const stat = lstatSync(at)
    const mode = (stat.mode & 0o7777).toString(8)
    if (stat.isSymbolicLink()) found[name] = `link ${readlinkSync(at)}`
    else if (stat.isFile()) found[name] = `file ${mode} ${Math.round(stat.mtimeMs)}`
    else {
      found[name] = `folder ${mode} ${Math.round(stat.mtimeMs)}`
      for (const entry of readdirSync(at)) visit(join(at, entry), name === '' ? entry : `${name}/${entry}`)
    }
  }
  visit(folder, '')
  return found
}

function flipBit(file: string, at: number): void {
  const bytes = readFileSync(file)
  const index = Math.floor(bytes.length * at)
  bytes[index] = (bytes[index] ?? 0) ^ 1
  chmodSync(file, 0o600)
  writeFileSync(file, bytes)
}

function files(folder: string): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name))
}

const grep = (folder: string, text: string): string[] =>
  files(folder).filter(file => readFileSync(file, 'latin1').includes(text))

test('a task that declares nothing runs each time, as nothing says what it depends on; inputs: [] says nothing does', async () => {
  using project = new TestProject()
  project.write('src/x', '1')
  project.workflow(`
tasks:
  lint: { run: "grep -r x src || true" }
  pure: { run: "true", inputs: [] }
  after: { run: "true", needs: [pure] }
  made: { run: "echo > o", outputs: [o] }
  asked: { run: "true", fingerprint: ["echo 1"] }
`)
  await project.run()
  const ran = await project.run()
  const same = 'up-to-date'
  assert.deepEqual(ran.status, { lint: 'executed', pure: same, after: same, made: same, asked: same })
  assert.equal(ran.because.lint, 'declares no inputs')
})
