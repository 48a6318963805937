import assert from 'node:assert/strict'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { runSandboxed } from '../../src/sandbox/run-sandboxed.ts'
import { processesWith } from './processes-with.ts'
import { sandboxFixture } from './sandbox-fixture.ts'

test('a command sees its declared inputs, at the same paths, and nothing else of the project', async t => {
  const { run, write, projectDir } = sandboxFixture(t)
  for (const path of ['src/a.c', 'src/b.c', 'lib/x/y.h', 'lib/z.h', 'secret']) write(path, path)
  const project = { dir: projectDir, at: '/project', inputs: ['src/a.c', 'lib'], outputs: ['out/program'] }
  const { stdout } = await run('find . -type f | sort; cat src/a.c lib/x/y.h', { project })
  assert.equal(stdout, './lib/x/y.h\n./lib/z.h\n./src/a.c\nsrc/a.clib/x/y.h')
})

test('an input keeps its mode and modification time', async t => {
  const { run, write, projectDir } = sandboxFixture(t)
  write('tool', '#!/bin/sh\necho ran')
  chmodSync(join(projectDir, 'tool'), 0o755)
  utimesSync(join(projectDir, 'tool'), 1000, 2000)
  const project = { dir: projectDir, at: '/project', inputs: ['tool'], outputs: [] }
  const { stdout } = await run('./tool; stat -c "%a %Y" tool', { project })
  assert.equal(stdout, 'ran\n755 2000\n')
  assert.equal(statSync(join(projectDir, 'tool')).mtimeMs, 2_000_000)
})

test('outputs reach the project, files as folders, also when the command fails', async t => {
  const { run, projectDir } = sandboxFixture(t)
  const project = { dir: projectDir, at: '/project', inputs: [], outputs: ['out/file', 'tree'] }
  const result = await run('echo f > out/file; mkdir -p tree/deep; echo d > tree/deep/leaf; exit 7', { project })
  assert.equal(result.exitCode, 7)
  assert.deepEqual(result.undeclaredWrites, [])
  assert.equal(readFileSync(join(projectDir, 'out/file'), 'utf8'), 'f\n')
  assert.equal(readFileSync(join(projectDir, 'tree/deep/leaf'), 'utf8'), 'd\n')
})

test('what is written beside the outputs is named, and does not reach the project', async t => {
  const { run, write, projectDir } = sandboxFixture(t)
  for (const path of ['in/changed', 'in/removed', 'in/kept']) write(path, 'before')
  const inputs = ['in/changed', 'in/removed', 'in/kept']
  const project = { dir: projectDir, at: '/project', inputs, outputs: ['out'] }
  const script =
    'echo new > stray; mkdir -p empty; printf beforf > in/changed; rm in/removed; cat in/kept; echo x > out'
  const { undeclaredWrites } = await run(script, { project })
  assert.deepEqual(undeclaredWrites, ['empty/', 'in/changed', 'in/removed', 'stray'])
  assert.deepEqual(readdirSync(projectDir).sort(), ['in', 'out'])
  assert.equal(readFileSync(join(projectDir, 'in/changed'), 'utf8'), 'before')
  assert.equal(readFileSync(join(projectDir, 'in/removed'), 'utf8'), 'before')
})

test('an input whose times or links changed, but neither bytes nor mode, was not written', async t => {
  const { run, write, projectDir } = sandboxFixture(t)
  const inputs = ['in/touched', 'in/linked', 'in/again', 'in/chmod', 'in/same-size', 'in/mode']
  for (const path of inputs) write(path, 'before')
  const project = { dir: projectDir, at: '/project', inputs, outputs: [] }
  const script =
    'cd in; touch touched; ln linked x; rm x; printf before > again; chmod +x chmod; chmod -x chmod; printf beforf > same-size; chmod +x mode'
  const { undeclaredWrites } = await run(script, { project })
  assert.deepEqual(undeclaredWrites, ['in/mode', 'in/same-size'])
})

test('a folder given as input cannot be written to', async t => {
  const { run, write, projectDir } = sandboxFixture(t)
  write('lib/a', 'a')
  const project = { dir: projectDir, at: '/project', inputs: ['lib'], outputs: [] }
  const { exitCode, stderr } = await run('echo b > lib/b', { project })
  assert.notEqual(exitCode, 0)
  assert.match(stderr, /Read-only file system/)
  assert.deepEqual(readdirSync(join(projectDir, 'lib')), ['a'])
})

test('layers are stacked with the first on top, and stay as they are', async t => {
  const fixture = sandboxFixture(t)
  const top = join(fixture.dir, 'top, with: odd \\characters')
  mkdirSync(join(top, 'etc'), { recursive: true })
  mkdirSync(join(fixture.rootDir, 'etc'))
  writeFileSync(join(top, 'etc/both'), 'top')
  writeFileSync(join(fixture.rootDir, 'etc/both'), 'bottom')
  writeFileSync(join(fixture.rootDir, 'etc/below'), 'below')
  const { stdout } = await fixture.run('cat /etc/both /etc/below; rm /etc/below; echo > /etc/new; ls /etc', {
    layers: [top, fixture.rootDir],
  })
  assert.equal(stdout, 'topbelowboth\nnew\n')
  assert.deepEqual(readdirSync(join(fixture.rootDir, 'etc')).sort(), ['below', 'both'])
  assert.deepEqual(readdirSync(join(top, 'etc')), ['both'])
})

test('the environment is the given one, the network a loopback, the processes its own', async t => {
  const { run } = sandboxFixture(t)
  process.env.LEAK_OF_THE_TEST = 'yes'
  t.after(() => delete process.env.LEAK_OF_THE_TEST)
  const script =
    'env | cut -d= -f1 | sort; cut -d: -f1 /proc/net/dev | tail -n +3; hostname; ls -d /proc/[0-9]* | wc -l'
  const { stdout } = await run(script, { env: { PATH: '/usr/bin:/bin', GIVEN: 'a b=c' } })
  const lines = stdout
    .trim()
    .split('\n')
    .map(line => line.trim())
  assert.deepEqual(lines.slice(0, -1), ['GIVEN', 'PATH', 'PWD', 'SHLVL', '_', 'lo', 'sandbox'])
  assert.ok(Number(lines.at(-1)) < 10, `${lines.at(-1)} processes are seen`)
})

test('a mount and a root that are not there are a failure that says so', async t => {
  const { command, cacheDir } = sandboxFixture(t)
  const result = await runSandboxed(command('true', { layers: ['/nonexistent-layer'] }))
  assert.ok(!result.ok)
  assert.equal(result.failure.message, 'Cannot set up a sandbox: the kernel or a program of the host refused')
  assert.match(result.failure.last ?? '', /overlay/)
  assert.deepEqual(readdirSync(join(cacheDir, 'scratch')), [])
})

test('an aborted command is gone with everything that it started, and so are its folders', async t => {
  const { command, cacheDir, projectDir } = sandboxFixture(t)
  const abort = new AbortController()
  const marker = `sleep ${300_000 + process.pid}`
  const project = { dir: projectDir, at: '/project', inputs: [], outputs: ['out'] }
  const result = await runSandboxed({
    ...command(`echo half > out; setsid ${marker} & echo started; ${marker}`, { project }),
    signal: abort.signal,
    onOutput: () => abort.abort(),
  })
  assert.ok(!result.ok)
  assert.equal(result.failure.kind, 'interrupted')
  assert.deepEqual(processesWith(marker), [])
  assert.deepEqual(readdirSync(join(cacheDir, 'scratch')), [])
  assert.ok(!existsSync(join(projectDir, 'out')))
})

test('a sandbox leaves no mount behind', async t => {
  const { run, cacheDir } = sandboxFixture(t)
  const mounts = () =>
    readFileSync('/proc/self/mountinfo', 'utf8')
      .split('\n')
      .filter(line => line.includes(cacheDir))
  await run('true')
  assert.deepEqual(mounts(), [])
})

test('an update of the program while a command runs does not harm that command', async t => {
  const { dir, command } = sandboxFixture(t)
  const root = join(import.meta.dirname, '../..')
  for (const part of ['package.json', 'src/platform', 'src/sandbox'])
    cpSync(join(root, part), join(dir, 'program', part), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(dir, 'program/node_modules'))
  const copy: typeof import('../../src/sandbox/run-sandboxed.ts') = await import(
    join(dir, 'program/src/sandbox/run-sandboxed.ts')
  )
  // In place, as an editor does it: some interpreters read a script as they go on.
  const update = () => writeFileSync(join(dir, 'program/src/sandbox/enter.pl'), '"\n'.repeat(5_000))
  const result = await copy.runSandboxed({ ...command('echo up; sleep 0.2; exit 5'), onOutput: update })
  assert.ok(result.ok)
  assert.deepEqual([result.value.exitCode, result.value.stderr], [5, ''])
})
