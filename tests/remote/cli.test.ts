/** A remote cache as a user meets it: settings, what a run prints, and no password anywhere. */
import assert from 'node:assert/strict'
import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, test } from 'node:test'
import { makeProject } from '../cli/project.ts'
import { launcher, run } from '../cli/run.ts'
import { RedisServer } from './redis-server.ts'
import { SharedFolder } from './remote-project.ts'

// The launcher may have to build, which it says; the tests are about what comes then.
before(() => run(['--version']))

const password = 'hush-hush'

test('a run tells which results came from the remote, and so do a dry run and why', async context => {
  using folder = new SharedFolder()
  const remote = ['--set', `cache.remote=${folder.path}`]
  const write = [...remote, '--set', 'cache.remote-policy=read-write']
  const first = await run(['flow', 'compile', ...write], { cwd: makeProject(context, {}) })
  assert.equal(first.code, 0, first.stderr)
  const cwd = makeProject(context, {})
  const planned = await run(['flow', 'compile', '--dry-run', ...remote], { cwd })
  assert.match(planned.stderr, /▸ compile +in cache {2}from the remote cache · no earlier result\n/)
  const why = await run(['why', 'compile', 'compile', ...remote], { cwd })
  assert.match(why.stdout, /^compile would be restored from the remote cache: no earlier result\n/)
  const second = await run(['flow', 'compile', ...remote], { cwd })
  assert.match(second.stderr, /✓ compile +restored {2}from the remote cache · no earlier result\n/)
  assert.match(second.stdout, /^passed in .* · 2 restored · /)
  assert.doesNotMatch(second.stderr, /warning/)
})

test('two processes at once that write to one folder, and a third that reads', async context => {
  using folder = new SharedFolder()
  const flow = ['flow', 'compile', '--set', `cache.remote=${folder.path}`]
  const write = [...flow, '--set', 'cache.remote-policy=read-write']
  const both = await Promise.all([1, 2].map(() => run(write, { cwd: makeProject(context, {}) })))
  for (const { code, stderr } of both) assert.deepEqual([code, /warning/.test(stderr)], [0, false], stderr)
  assert.ok(folder.files().every(path => !path.endsWith('.tmp')))
  const third = await run(flow, { cwd: makeProject(context, {}) })
  assert.match(third.stdout, /2 restored/)
})

test('the default is to read only; policy and namespace come from the environment and k8s-ha.yaml, too', async context => {
  using folder = new SharedFolder()
  const env = { K8S_HA_CACHE_REMOTE: folder.path }
  await run(['flow', 'compile'], { cwd: makeProject(context, {}), env })
  assert.deepEqual(folder.files(), [])
  const cwd = makeProject(context, { 'k8s-ha.yaml': 'cache: { remote-policy: read-write, remote-namespace: mine }\n' })
  await run(['flow', 'compile'], { cwd, env })
  assert.ok(folder.files().length > 0)
  assert.ok(folder.files().every(path => path.includes('/k8s-ha/1/mine/')))
})

test('a password is never printed or logged: not when the server refuses it, not by env, not when the setting is wrong', async context => {
  await using server = await RedisServer.start('--requirepass', 'another')
  const cwd = makeProject(context, {})
  const url = `redis://:${password}@127.0.0.1:${server.port}`
  const set = (value: string) => ['--set', `cache.remote=${value}`]
  const ran = await run(['flow', 'compile', '--json', ...set(url)], { cwd })
  assert.equal(ran.code, 0, ran.stderr)
  assert.match(ran.stdout, /The remote cache redis:\/\/127\.0\.0\.1:\d+ is not asked any more in this run: WRONGPASS/)
  const env = await run(['env', ...set(url)], { cwd })
  assert.match(env.stdout, /cache\.remote +redis:\/\/…@127\.0\.0\.1:\d+ +--set/)
  const wrong = await run(['flow', 'compile', ...set(`reddis://:${password}@host`)], { cwd })
  assert.equal(wrong.code, 2)
  assert.match(wrong.stderr, /^error: Cannot use "reddis:\/\/…@host" as cache\.remote: it must be redis:\/\/…, /)
  const seen = [ran, env, wrong].map(({ stdout, stderr }) => stdout + stderr).join('\n')
  const kept = globSync('cache/**', { cwd, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => readFileSync(join(entry.parentPath, entry.name), 'latin1'))
  assert.ok(kept.length > 5)
  for (const text of [seen, ...kept]) assert.ok(!text.includes(password))
})

test('each level of trust has a user of its own: the server enforces the namespaces', async context => {
  await using server = await RedisServer.start(
    '--user',
    ...'trusted on >one ~k8s-ha/1/trusted/* +@connection +get +set +exists +multi +exec'.split(' '),
    '--user',
    ...'anyone on >two %R~k8s-ha/1/trusted/* ~k8s-ha/1/anyone/* +@connection +get +set +exists +multi +exec'.split(' '),
  )
  const flow = (user: string, namespace: string, policy: string) => {
    const settings = [
      `cache.remote=redis://${user}@127.0.0.1:${server.port}`,
      `cache.remote-namespace=${namespace}`,
      `cache.remote-policy=${policy}`,
    ]
    return run(['flow', 'compile', ...settings.flatMap(setting => ['--set', setting])], {
      cwd: makeProject(context, {}),
    })
  }
  const forger = await flow('anyone:two', 'trusted', 'read-write')
  assert.equal(forger.code, 0)
  assert.match(forger.stderr, /warning: Not uploaded to [^ ]*: compile, count \(NOPERM/)
  assert.doesNotMatch((await flow('trusted:one', 'trusted', 'read-write')).stderr, /warning|remote/)
  const reader = await flow('anyone:two', 'trusted', 'read-only')
  assert.match(reader.stdout, /2 restored/)
  assert.doesNotMatch((await flow('anyone:two', 'anyone', 'read-write')).stderr, /warning|remote/)
})

test('a name server that is silent does not hold the program up, not even at its end', {
  skip: process.getuid?.() === 0 ? false : 'needs root',
  timeout: 60_000,
}, async context => {
  const cwd = makeProject(context, {})
  // Whoever asks for a name here waits for more than a minute.
  writeFileSync(join(cwd, 'resolv.conf'), 'nameserver 10.99.0.1\noptions timeout:30 attempts:3\n')
  const script = `
    ip link set lo up
    ip link add away type bridge; ip addr add 10.99.0.2/24 dev away; ip link set away up
    ip neigh add 10.99.0.1 lladdr 02:00:00:00:00:01 dev away
    mount --bind resolv.conf "$(realpath /etc/resolv.conf)"
    exec "$0" "$@"`
  const flow = [launcher, 'flow', 'compile', '--set', 'cache.remote=redis://cache.example.org']
  const { code, stderr } = await run(['--net', '--mount', 'sh', '-euc', script, ...flow], { program: 'unshare', cwd })
  assert.equal(code, 0, stderr)
  assert.match(stderr, /cache\.example\.org is not asked any more in this run: /)
})

for (const [setting, message] of [
  ['cache.remote-policy=write', /must be read-only or read-write/],
  ['cache.remote-namespace=../other', /must be a name of letters/],
  ['cache.remote=http://cache', /must be redis:/],
] as const)
  test(`wrong usage: ${setting}`, async context => {
    const { code, stderr } = await run(['flow', 'compile', '--set', setting], { cwd: makeProject(context, {}) })
    assert.deepEqual([code, message.test(stderr)], [2, true], stderr)
  })

test('a task is not told the password either', async context => {
  const cwd = makeProject(context, {})
  writeFileSync(join(cwd, 'workflows/env.yaml'), 'tasks:\n  env: { run: "env", cache: false }\n')
  const env = { K8S_HA_CACHE_REMOTE: `redis://:${password}@127.0.0.1:1` }
  const { stdout, stderr } = await run(['flow', 'env', '-v'], { cwd, env })
  assert.match(stderr, /LANG=/)
  assert.ok(!`${stdout}${stderr}`.includes(password))
})
