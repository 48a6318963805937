/**
 * Random sequences of attempts to leave a sandbox. What they aim at is the test's own: files, a process with namespaces,
 * a socket, a loop device. Where they aim at the machine, they would set what is there already.
 */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { giveTo, noSandbox, runAs, users } from './as-users.ts'
import { attempt, randomFrom, type Target } from './leaving-attempts.ts'
import { sandboxFixture } from './sandbox-fixture.ts'

const seed = Number(process.env.K8S_HA_TEST_SEED ?? Math.floor(Math.random() * 1e9))
const sandboxes = 10
const attemptsEach = 30

for (const user of users)
  test(`whatever a command tries, the machine stays as it was (${user})`, { skip: noSandbox(user) }, async t => {
    t.diagnostic(`K8S_HA_TEST_SEED=${seed}`)
    const random = randomFrom(seed)
    const { command, write, projectDir } = sandboxFixture(t)
    write('lib/deep/a', 'input')
    write('file', 'input')
    const target = makeTarget(t, join(projectDir, '..'))
    giveTo(user, join(projectDir, '..'))
    const before = state(target, projectDir)
    for (let round = 0; round < sandboxes; round++) {
      const script = Array.from({ length: attemptsEach }, () => attempt(random, target)).join('\n')
      const project = { dir: projectDir, at: '/project', inputs: ['lib', 'file'], outputs: ['out/a', 'tree'] }
      const argv = ['bash', '-c', `exec 2>/dev/null\n${script}\nexit 0`]
      const result = await runAs(user, { ...command('', { project }), argv, timeoutMs: 60_000 })
      const where = `seed ${seed}, round ${round}:\n${script}`
      if (!result.ok) assert.match(result.failure.message, /still running|ended by/, where)
      for (const output of ['out', 'tree']) spawnSync('rm', ['-rf', join(projectDir, output)])
      assert.deepEqual(state(target, projectDir), before, where)
    }
  })

function makeTarget(t: TestContext, dir: string): Target {
  const victim = join(dir, 'victim')
  mkdirSync(join(victim, 'out'), { recursive: true })
  for (const path of ['file', 'out/a', 'out/b']) writeFileSync(join(victim, path), 'precious')
  for (const path of ['', 'file', 'out', 'out/a', 'out/b'])
    chmodSync(join(victim, path), path === '' || path === 'out' ? 0o777 : 0o666)
  const socket = `k8s-ha-fuzz-${process.pid}`
  const server = createServer(connection => {
    writeFileSync(join(victim, 'connected'), '')
    connection.end()
  }).listen(`\0${socket}`)
  t.after(() => server.close())
  return { victim, socket, pid: process.pid, ...makeLoop(t, dir) }
}

function makeLoop(t: TestContext, dir: string): Pick<Target, 'loop'> {
  const image = join(dir, 'disk')
  writeFileSync(image, '')
  truncateSync(image, 1 << 20)
  const made = spawnSync('losetup', ['--find', '--show', image], { encoding: 'utf8' })
  if (made.status !== 0) return {}
  const device = made.stdout.trim()
  t.after(() => spawnSync('losetup', ['--detach', device]))
  const { rdev } = lstatSync(device)
  return { loop: { device, numbers: `${(rdev >> 8) & 0xfff} ${rdev & 0xff}`, image } }
}

/** All that an attempt could have changed. */
function state({ victim, pid, loop }: Target, projectDir: string): unknown {
  const settings = ['kernel/core_pattern', 'kernel/hostname', 'vm/swappiness']
  return {
    victim: tree(victim),
    project: tree(projectDir),
    disk: loop && readFileSync(loop.image).some(byte => byte !== 0),
    devices: ['null', 'zero', 'full', 'random', 'urandom', 'tty'].map(name => describe(`/dev/${name}`)),
    settings: settings.map(name => readFileSync(join('/proc/sys', name), 'utf8')),
    mounts: readFileSync('/proc/self/mountinfo', 'utf8').includes(victim),
    namespaces: readdirSync(`/proc/${pid}/ns`).map(name => readlinkSync(`/proc/${pid}/ns/${name}`)),
    keys: readFileSync('/proc/keys', 'utf8').includes('k8s-ha-fuzz'),
    nice: readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[16],
  }
}

const tree = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .sort()
    .map(path => `${path} ${describe(join(folder, path))} ${contentOf(join(folder, path))}`)

function describe(path: string): string {
  const { mode, uid, gid, rdev, nlink } = lstatSync(path)
  return [mode.toString(8), uid, gid, rdev, nlink].join(' ')
}

const contentOf = (path: string): string => (lstatSync(path).isFile() ? readFileSync(path, 'utf8') : '')
