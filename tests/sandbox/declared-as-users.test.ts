/** Tasks with a root of their own, and --verify-inputs, by every user. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { giveTo, noSandbox, printedAs, users } from './as-users.ts'
import { programs, sandboxFixture } from './sandbox-fixture.ts'

const program = join(import.meta.dirname, 'run-declared.ts')

for (const user of users) {
  const skip = noSandbox(user)

  test(`a task runs on a root archive (${user})`, { skip }, async t => {
    const { dir, projectDir, cacheDir, write } = sandboxFixture(t)
    write('src/a', 'input')
    const archive = join(dir, 'root.tar')
    const tree = join(dir, 'tree')
    for (const folder of ['bin', 'dev', 'closed']) mkdirSync(join(tree, folder), { recursive: true })
    cpSync('/bin/busybox', join(tree, 'bin/busybox'))
    chmodSync(join(tree, 'closed'), 0o555)
    if (users[0] === 'root') execFileSync('mknod', [join(tree, 'dev/full'), 'c', '1', '7'])
    execFileSync('tar', ['-C', tree, '-cf', archive, '.'])
    giveTo(user, dir)
    const run = {
      ...{ task: 'task', projectDir, cacheDir, root: { archive }, inputs: ['src/a'], outputs: ['out/a', 'tree'] },
      argv: [
        '/bin/busybox',
        'sh',
        '-euc',
        'cp() { busybox cp "$@"; }; cp src/a out/a; busybox mkdir tree; busybox chmod 555 tree',
      ],
      ...{ env: { PATH: '/bin' }, network: false, timeoutMs: 0 },
    }
    const report = JSON.parse(await printedAs(user, [program, JSON.stringify(run)]))
    assert.deepEqual(report, { ok: true, value: { exitCode: 0, missed: [], undeclaredWrites: [] } })
    assert.equal(readFileSync(join(projectDir, 'out/a'), 'utf8'), 'input')
    assert.ok(existsSync(join(projectDir, 'tree')))
    assert.deepEqual(readdirSync(join(cacheDir, 'scratch')), [])
  })

  test(`undeclared reads and writes are named (${user})`, { skip }, async t => {
    const { dir, projectDir, cacheDir, write } = sandboxFixture(t)
    for (const path of ['src/a', 'src/b', 'unread']) write(path, 'x')
    giveTo(user, dir)
    const run = {
      ...{ task: 'task', projectDir, cacheDir, inputs: ['src/a'], outputs: [] },
      argv: ['bash', '-euc', 'cat src/a; cat src/b || true; echo >stray'],
      ...{ env: programs, network: false, timeoutMs: 0 },
    }
    const report = JSON.parse(await printedAs(user, [program, JSON.stringify(run)]))
    assert.deepEqual(report, { ok: true, value: { exitCode: 0, missed: ['src/b'], undeclaredWrites: ['stray'] } })
  })
}
