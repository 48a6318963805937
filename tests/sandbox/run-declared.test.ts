import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { mentionedFiles } from '../../src/sandbox/mentioned-files.ts'
import { type DeclaredReport, type DeclaredRun, runDeclared } from '../../src/sandbox/run-declared.ts'
import { programs, sandboxFixture } from './sandbox-fixture.ts'

test('declared inputs and outputs are all that a clean command needs', async t => {
  const { verify, write, projectDir } = verification(t)
  write('src/a', 'a')
  write('src/b', 'b')
  const report = await verify('cat src/a > out/a', { inputs: ['src/a'], outputs: ['out/a'] })
  assert.deepEqual(report, { exitCode: 0, missed: [], undeclaredWrites: [] })
  assert.equal(readFileSync(join(projectDir, 'out/a'), 'utf8'), 'a')
})

test('a file that a command needs and does not declare is named', async t => {
  const { verify, write } = verification(t)
  write('src/a', 'a')
  write('src/b', 'b')
  const report = await verify('cat src/a src/b', { inputs: ['src/a'] })
  assert.deepEqual(report, { exitCode: 1, missed: ['src/b'], undeclaredWrites: [] })
})

test('files that are read without complaint when they are missing are named all the same', async t => {
  const { verify, write } = verification(t)
  for (const path of ['src/a', 'src/b', 'tools/helper.sh', 'unread']) write(path, 'echo x')
  const script = 'for f in src/*; do cat $f; done; [ ! -e tools/helper.sh ] || . tools/helper.sh'
  const report = await verify(script, { inputs: ['src/a'] })
  assert.deepEqual(report, { exitCode: 0, missed: ['src/b', 'tools/helper.sh'], undeclaredWrites: [] })
})

test('the copy that tells what is read neither shows the cache nor changes the project', async t => {
  const { verify, write, projectDir } = verification(t)
  const cacheDir = join(projectDir, 'cache')
  mkdirSync(cacheDir)
  writeFileSync(join(cacheDir, 'record'), 'r')
  write('src/a', 'a')
  const report = await verify('cat cache/* src/* 2>/dev/null || true; echo > new; rm -f src/a', { cacheDir })
  assert.deepEqual(report, { exitCode: 0, missed: ['src/a'], undeclaredWrites: ['new'] })
  assert.deepEqual(readdirSync(join(projectDir, 'src')), ['a'])
})

test('only complaints name files, and only files that exist and were not shown', t => {
  const { write, projectDir } = sandboxFixture(t)
  for (const path of ['README', 'src/a', 'src/b', 'lib/x']) write(path, '')
  const output = `see README
cat: src/a: No such file or directory
main.c:1: fatal error: '${join(projectDir, 'src/b')}' file not found
cannot open lib/x, src/never-there, ../outside or src`
  assert.deepEqual(mentionedFiles(output, { projectDir, shown: ['lib', 'src/c'] }), ['src/a', 'src/b'])
})

function verification(t: TestContext) {
  const fixture = sandboxFixture(t)
  const verify = async (script: string, options: Partial<DeclaredRun> = {}): Promise<DeclaredReport> => {
    const report = await runDeclared({
      task: 'task',
      argv: ['bash', '-euc', script],
      cacheDir: fixture.cacheDir,
      projectDir: fixture.projectDir,
      inputs: [],
      outputs: [],
      env: programs,
      network: false,
      signal: new AbortController().signal,
      timeoutMs: 0,
      onBytes: () => undefined,
      ...options,
    })
    if (!report.ok) throw new Error(JSON.stringify(report.failure))
    return report.value
  }
  return { ...fixture, verify }
}
