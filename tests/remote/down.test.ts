/** A remote that is down, silent, slow, or goes away: the run passes as without it, warned of once, and soon. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { monotonicMs } from '../../src/platform/clock.ts'
import type { Ran } from '../engine/project.ts'
import { PostgresServer, postgresMissing } from './postgres-server.ts'
import { RedisServer } from './redis-server.ts'
import { fates, projectWith, type RemoteExtra, runWith, SharedFolder } from './remote-project.ts'
import { freePort } from './server-process.ts'

/** Each task asks the remote once its need has run: waiting for each would take this many times as long. */
const chainLength = 30
const chain = (makeLast = 'echo $RANDOM > oLAST'): string => {
  const task = (at: number) =>
    `  t${at}: { run: "${at === chainLength - 1 ? makeLast.replace('LAST', String(at)) : `echo ${at} > o${at}`}", needs: [${at === 0 ? '' : `t${at - 1}`}], outputs: [o${at}] }\n`
  return `tasks:\n${Array.from({ length: chainLength }, (_, at) => task(at)).join('')}`
}

const patienceMs = 1_000

interface Timed extends Ran {
  readonly ms: number
}

async function timed(workflow: string, address: string, extra: RemoteExtra = {}): Promise<Timed> {
  using project = projectWith(workflow)
  const startedMs = monotonicMs()
  const ran = await runWith(project, address, { patienceMs, ...extra })
  return { ...ran, ms: monotonicMs() - startedMs }
}

async function timedAlone(workflow: string): Promise<number> {
  using project = projectWith(workflow)
  const startedMs = monotonicMs()
  await project.run()
  return monotonicMs() - startedMs
}

/** A third of what it would be if only three of the tasks waited: generous, as the machine is busy with other tests. */
async function assertBounded(ran: Timed, workflow: string): Promise<void> {
  const aloneMs = await timedAlone(workflow)
  const mostMs = 3 * aloneMs + (chainLength / 3) * patienceMs
  assert.ok(ran.ms < mostMs, `${ran.ms} ms with the remote, ${aloneMs} ms without`)
}

async function listening(context: TestContext, answer: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>()
  const server: Server = createServer(socket => {
    sockets.add(socket)
    socket.on('error', () => {})
    answer(socket)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  context.after(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

const silent = (context: TestContext) => listening(context, () => {})

interface Trouble {
  readonly name: string
  readonly warning: RegExp
  address(context: TestContext): Promise<string>
}

const troubles: readonly Trouble[] = [
  {
    name: 'a port where nobody listens',
    warning: /not asked any more in this run: connect ECONNREFUSED/,
    address: async () => `redis://127.0.0.1:${await freePort()}`,
  },
  {
    name: 'a port where nobody listens, PostgreSQL',
    warning: /not asked any more in this run: connect ECONNREFUSED/,
    address: async () => `postgres://127.0.0.1:${await freePort()}/cache`,
  },
  {
    name: 'a server that accepts and never answers',
    warning: /not asked any more in this run: no answer for 1 s/,
    address: async context => `redis://127.0.0.1:${await silent(context)}`,
  },
  {
    name: 'a server that accepts and never answers, PostgreSQL',
    warning: /not asked any more in this run: no answer for 1 s/,
    address: async context => `postgres://127.0.0.1:${await silent(context)}/cache`,
  },
  {
    name: 'a server that hangs up',
    warning: /not asked any more in this run: /,
    address: async context => `redis://127.0.0.1:${await listening(context, socket => socket.end())}`,
  },
  {
    name: 'a server that speaks something else',
    warning: /not asked any more in this run: /,
    address: async context =>
      `redis://127.0.0.1:${await listening(context, socket => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'))}`,
  },
  {
    name: 'a server that speaks something else, PostgreSQL',
    warning: /not asked any more in this run: /,
    address: async context =>
      `postgres://127.0.0.1:${await listening(context, socket => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'))}/cache`,
  },
  {
    name: 'a name that is not known',
    warning: /not asked any more in this run: (the name nowhere\.invalid is not known|no answer for 1 s)/,
    address: async () => 'redis://nowhere.invalid',
  },
  {
    name: 'a folder that is a file',
    warning: /not asked any more in this run: it is not a folder/,
    async address(context) {
      const folder = new SharedFolder()
      context.after(() => folder[Symbol.dispose]())
      writeFileSync(join(folder.path, 'file'), '')
      return join(folder.path, 'file')
    },
  },
]

for (const { name, warning, address } of troubles)
  for (const policy of ['read-only', 'read-write'] as const)
    test(`${name}, ${policy}: one warning, the run passes, in bounded time`, async context => {
      const workflow = chain()
      const ran = await timed(workflow, await address(context), { policy })
      assert.equal(ran.summary.status, 'passed')
      assert.equal(ran.summary.counts.executed, chainLength)
      const [first, ...others] = ran.warnings
      assert.match(first ?? '', warning)
      // Whoever asked for uploads is told that there were none.
      if (policy === 'read-only') assert.deepEqual(others, [])
      else assert.match(others.join('\n'), /^Not uploaded to [^\n]*: t0, t1, t2 and 27 more \([^\n]*\)$/)
      await assertBounded(ran, workflow)
    })

test('a Redis server that is killed in the middle of a run', async () => {
  await using server = await RedisServer.start()
  const workflow = chain().replace('run: "echo 15', `run: "kill -9 ${server.pid}; echo 15`)
  const ran = await timed(workflow, server.url, { policy: 'read-only' })
  assert.equal(ran.summary.counts.executed, chainLength)
  assert.equal(ran.warnings.length, 1, ran.warnings.join('\n'))
  assert.match(ran.warnings[0] ?? '', /not asked any more in this run/)
})

test('a PostgreSQL server that is killed in the middle of a run', { skip: postgresMissing }, async () => {
  await using server = await PostgresServer.start()
  const workflow = chain().replace('run: "echo 15', `run: "kill -QUIT ${server.pid}; sleep 0.2; echo 15`)
  const ran = await timed(workflow, server.url)
  assert.equal(ran.summary.status, 'passed')
  assert.equal(ran.warnings.filter(text => text.includes('not asked any more')).length, 1, ran.warnings.join('\n'))
})

test('a server that stands still in the middle of a run', async () => {
  await using server = await RedisServer.start()
  const workflow = chain().replace('run: "echo 15', `run: "kill -STOP ${server.pid}; echo 15`)
  const ran = await timed(workflow, server.url)
  assert.equal(ran.summary.counts.executed, chainLength)
  assert.match(ran.warnings[0] ?? '', /not asked any more in this run: no answer for 1 s/)
  assert.match(ran.warnings[1] ?? '', /^Not uploaded to redis:\/\/127\.0\.0\.1:\d+: t\d+, /)
  assert.equal(ran.warnings.length, 2)
  await assertBounded(ran, workflow)
})

test('a server that stands still while a large result comes: the task runs instead', async () => {
  await using server = await RedisServer.start()
  // Without the variable, the result is always the same; the second project makes it slowly enough to be stopped.
  const workflow = 'tasks:\n  big: { run: "head -c 60000000 /dev/urandom > big", outputs: [big] }\n'
  using first = projectWith(workflow)
  await runWith(first, server.url)
  const port = server.port
  let seen = 0
  const proxy = await proxyTo(port, bytes => {
    seen += bytes
    if (seen > 20_000_000) server.freeze()
  })
  try {
    const ran = await timed(workflow, `redis://127.0.0.1:${proxy.port}`, { policy: 'read-only' })
    assert.deepEqual(fates(ran), { big: 'executed' })
    assert.deepEqual(ran.warnings.length, 1)
    assert.match(ran.because.big ?? '', /its cached result cannot be used: the remote cache does not answer/)
  } finally {
    proxy.close()
  }
})

test('a server that is far away and brings nothing is given up', async () => {
  await using server = await RedisServer.start()
  const proxy = await proxyTo(server.port, () => {}, patienceMs / 5)
  try {
    const workflow = chain()
    const ran = await timed(workflow, `redis://127.0.0.1:${proxy.port}`, { policy: 'read-only' })
    assert.equal(ran.summary.counts.executed, chainLength)
    assert.equal(ran.warnings.length, 1, ran.warnings.join('\n'))
    assert.match(ran.warnings[0] ?? '', /it is slow: the run waited 1 s longer than was worth it/)
    await assertBounded(ran, workflow)
  } finally {
    proxy.close()
  }
})

test('uploads that take too long are given up at the end of the run, and named', async () => {
  await using server = await RedisServer.start()
  using project = projectWith('tasks:\n  big: { run: "head -c 60000000 /dev/urandom > big", outputs: [big] }\n')
  const ran = await runWith(project, server.url, { uploadMs: 1 })
  assert.equal(ran.summary.status, 'passed')
  assert.match(ran.warnings.join(), /^Not uploaded to redis:[^ ]* big \(it took longer than 0\.001 s\)$/)
})

test('a server that takes nothing more: said once, and what it has is still used', async () => {
  await using server = await RedisServer.start('--maxmemory', '3mb', '--maxmemory-policy', 'noeviction')
  const small = 'tasks:\n  small: { run: "echo small > small", outputs: [small] }\n'
  using first = projectWith(small)
  assert.deepEqual((await runWith(first, server.url)).warnings, [])
  using second = projectWith(
    `${small}  big: { run: "head -c 9000000 /dev/urandom > big", outputs: [big] }\n  after: { run: "echo > after", needs: [big], outputs: [after] }\n`,
  )
  const ran = await runWith(second, server.url)
  assert.deepEqual(fates(ran), { small: 'restored from remote', big: 'executed', after: 'executed' })
  assert.equal(ran.warnings.length, 1, ran.warnings.join('\n'))
  assert.match(ran.warnings[0] ?? '', /^Not uploaded to [^ ]* big, after \(OOM command not allowed/)
})

interface Proxy {
  readonly port: number
  close(): void
}

/** Passes everything on to a real server: `seen` is told of each answer's bytes, which come `delayMs` later. */
async function proxyTo(port: number, seen: (bytes: number) => void, delayMs = 0): Promise<Proxy> {
  const sockets = new Set<Socket>()
  const server = createServer(client => {
    const upstream = connect(port, '127.0.0.1')
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', () => {})
    }
    client.on('data', data => upstream.write(data))
    upstream.on('data', data => {
      seen(data.length)
      if (delayMs === 0) client.write(data)
      else setTimeout(() => client.write(data), delayMs)
    })
    client.on('close', () => upstream.destroy())
    upstream.on('close', () => client.destroy())
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return {
    port: address.port,
    close() {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}
