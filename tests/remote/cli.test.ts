/** A remote cache as a user meets it: settings, what a run prints, and no password anywhere. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { before, type TestContext, test } from 'node:test'
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

test('the default is to read only; the project says how its own address is used, the user how the user’s is', async context => {
  using folder = new SharedFolder()
  const env = { K8S_HA_CACHE_REMOTE: folder.path }
  await run(['flow', 'compile'], { cwd: makeProject(context, {}), env })
  assert.deepEqual(folder.files(), [])
  const cwd = makeProject(context, { 'k8s-ha.yaml': 'cache: { remote-policy: read-write, remote-namespace: mine }\n' })
  const { stderr } = await run(['flow', 'compile'], { cwd, env })
  assert.deepEqual(folder.files(), [], 'the project does not turn uploads on')
  assert.match(
    stderr,
    /warning: cache\.remote-policy: read-write of k8s-ha\.yaml does not count, as the address is yours/,
  )
  const own = { ...env, K8S_HA_CACHE_REMOTE_POLICY: 'read-write' }
  await run(['flow', 'compile', '--force'], { cwd, env: own })
  assert.ok(
    folder.files().every(path => path.includes('/k8s-ha/1/default/')),
    'nor chooses the namespace',
  )
  const all = `cache: { remote: ${folder.path}, remote-policy: read-write, remote-namespace: mine }\n`
  await run(['flow', 'compile'], { cwd: makeProject(context, { 'k8s-ha.yaml': all }) })
  assert.ok(folder.files().some(path => path.includes('/k8s-ha/1/mine/')))
})

for (const [what, workflow] of [
  ['a task’s variable', 'tasks:\n  a: { run: env, env: [HOME, K8S_HA_CACHE_REMOTE], cache: false }\n'],
  ['a parameter’s variable', 'params: { a: { env: K8S_HA_CACHE_REMOTE, default: "" } }\n'],
  ['a parameter of that name', 'params: { cache.remote: { default: "" } }\n'],
  ['a task’s variable', 'tasks:\n  a: { run: env, env: [PGPASSWORD], cache: false }\n'],
] as const)
  test(`${what} is not the password of the remote cache: ${workflow}`, async context => {
    const cwd = makeProject(context, { 'workflows/a.yaml': workflow })
    const env = { K8S_HA_CACHE_REMOTE: `postgres://:${password}@127.0.0.1:1/x`, PGPASSWORD: password }
    const { code, stdout, stderr } = await run(['flow', 'a', '-v'], { cwd, env })
    assert.equal(code, 2)
    assert.match(stderr, /which is for k8s-ha alone: it may hold a password\n {2}at: {4}workflows\/a\.yaml:/)
    assert.ok(!`${stdout}${stderr}`.includes(password))
  })

/** Asks everybody for a password, as a PostgreSQL server does, and keeps what it gets. */
async function askingServer(context: TestContext): Promise<{ readonly port: number; readonly got: () => string }> {
  let got = ''
  const server = createServer(socket => {
    socket.on('error', () => {})
    socket.once('data', () => socket.write(Buffer.from('520000000800000003', 'hex')))
    socket.on('data', bytes => {
      got += bytes.toString('latin1')
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  context.after(() => server.close())
  const address = server.address()
  return { port: typeof address === 'object' && address ? address.port : 0, got: () => got }
}

test('PGPASSWORD goes to the server that the user names, and not to one that a project names', async context => {
  const { port, got } = await askingServer(context)
  const url = `postgres://127.0.0.1:${port}/x`
  const env = { PGPASSWORD: password, PGUSER: 'me-myself' }
  const cwd = makeProject(context, { 'k8s-ha.yaml': `cache.remote: ${url}\n` })
  for (const flow of [
    ['flow', 'compile', '-n'],
    ['why', 'compile'],
    ['flow', 'compile'],
  ]) {
    const { stderr } = await run(flow, { cwd, env })
    assert.match(stderr, /it wants a password, and the address in k8s-ha\.yaml has none/)
  }
  assert.match(got(), /user\0k8s-ha/)
  assert.doesNotMatch(got(), /hush-hush|me-myself/)
  await run(['flow', 'compile'], {
    cwd: makeProject(context, {}),
    env: { ...env, K8S_HA_CACHE_REMOTE: url },
  })
  assert.match(got(), /me-myself(.|\n)*hush-hush/)
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
