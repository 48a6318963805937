/** What one machine made, another gets: the same of every kind of remote. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { createReadStream, existsSync, lstatSync, readlinkSync, rmSync, statSync } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { after, before, suite, test } from 'node:test'
import { PostgresServer, postgresMissing } from './postgres-server.ts'
import { RedisServer } from './redis-server.ts'
import { fates, projectWith, remoteCache, runWith, SharedFolder } from './remote-project.ts'

const workflow = `
tasks:
  tree:
    run: |
      mkdir -p out/deep/empty
      tr a-z A-Z < src/a.txt > out/deep/a
      : > out/nothing
      chmod 755 out/nothing
      ln -s deep/a out/link
      ln -s ../nothing out/deep/up
      touch -d @1000000000.123456 out/deep/a
    inputs: [src/a.txt]
    outputs: [out]
  use:
    run: cat out/link out/link > used
    needs: [tree]
    outputs: [used]
`
const sources = { 'src/a.txt': 'hello' }
/** Its manifest is too long to be a part of its record. */
const manyFiles = `
tasks:
  many: { run: "mkdir many; for i in {1..300}; do echo $i > many/$i; done", outputs: [many] }
`

interface Kind {
  readonly name: string
  /** Of a large output, in millions of bytes. */
  readonly megabytes: number
  readonly skip: string | false
  open(): Promise<AsyncDisposable & { readonly url: string }>
}

const kinds: readonly Kind[] = [
  { name: 'a Redis server', megabytes: 400, skip: false, open: () => RedisServer.start() },
  { name: 'a PostgreSQL server', megabytes: 40, skip: postgresMissing, open: () => PostgresServer.start() },
  {
    name: 'a folder',
    megabytes: 40,
    skip: false,
    async open() {
      const folder = new SharedFolder()
      return { url: folder.path, [Symbol.asyncDispose]: async () => folder[Symbol.dispose]() }
    },
  },
]

for (const { name, megabytes, skip, open } of kinds)
  suite(name, { skip, timeout: 600_000 }, () => {
    let remote: Awaited<ReturnType<Kind['open']>>
    before(async () => {
      remote = await open()
    })
    after(() => remote[Symbol.asyncDispose]())

    test('a second machine gets the result, and has it from then on', async () => {
      using first = projectWith(workflow, sources)
      const made = await runWith(first, remote.url)
      assert.deepEqual(fates(made), { tree: 'executed', use: 'executed' })
      assert.deepEqual(made.warnings, [])
      using second = projectWith(workflow, sources)
      const got = await runWith(second, remote.url, { policy: 'read-only' })
      assert.deepEqual(fates(got), { tree: 'restored from remote', use: 'restored from remote' })
      assert.deepEqual(got.warnings, [])
      assert.equal(second.read('used'), 'HELLOHELLO')
      assert.equal(second.read('out/nothing'), '')
      assert.equal(lstatSync(second.path('out/nothing')).mode & 0o777, 0o755)
      assert.equal(readlinkSync(second.path('out/deep/up')), '../nothing')
      assert.ok(lstatSync(second.path('out/deep/empty')).isDirectory())
      assert.equal(lstatSync(second.path('out/deep/a')).mtimeMs, 1_000_000_000_123.456)
      rmSync(second.path('out'), { recursive: true })
      assert.deepEqual(fates(await second.run()), { tree: 'restored', use: 'up-to-date' })
    })

    test('what is in place already is not fetched', async () => {
      using first = projectWith(manyFiles)
      await runWith(first, remote.url, { namespace: 'in-place' })
      rmSync(first.cacheDir, { recursive: true })
      const again = await runWith(first, remote.url, { namespace: 'in-place', policy: 'read-only' })
      assert.deepEqual(fates(again), { many: 'up-to-date' })
      assert.equal(existsSync(`${first.cacheDir}/blobs`), false)
    })

    test('a result of many files', async () => {
      using first = projectWith(manyFiles)
      await runWith(first, remote.url)
      using second = projectWith(manyFiles)
      assert.deepEqual(fates(await runWith(second, remote.url)), { many: 'restored from remote' })
      assert.equal(second.read('many/300'), '300\n')
    })

    test('read-only writes nothing', async () => {
      const namespace = 'nobody-writes'
      using first = projectWith(workflow, sources)
      assert.deepEqual((await runWith(first, remote.url, { namespace, policy: 'read-only' })).warnings, [])
      using second = projectWith(workflow, sources)
      const ran = await runWith(second, remote.url, { namespace, policy: 'read-only' })
      assert.deepEqual(fates(ran), { tree: 'executed', use: 'executed' })
    })

    test('namespaces do not see each other', async () => {
      using first = projectWith(workflow, sources)
      await runWith(first, remote.url, { namespace: 'trusted' })
      using second = projectWith(workflow, sources)
      assert.equal(fates(await runWith(second, remote.url, { namespace: 'others' })).tree, 'executed')
      using third = projectWith(workflow, sources)
      assert.equal(fates(await runWith(third, remote.url, { namespace: 'trusted' })).tree, 'restored from remote')
    })

    test('a dry run tells what would come, and fetches nothing', async () => {
      using first = projectWith(workflow, sources)
      await runWith(first, remote.url, { namespace: 'dry' })
      using second = projectWith(workflow, sources)
      const planned = await runWith(second, remote.url, { namespace: 'dry' }, { dryRun: true })
      assert.deepEqual(fates(planned), { tree: 'would-restore from remote', use: 'would-restore from remote' })
      assert.equal(existsSync(second.cacheDir), false)
    })

    test(`an output of ${megabytes} MB`, async () => {
      const big = `tasks:\n  big: { run: "head -c ${megabytes}000000 /dev/urandom > big", outputs: [big] }\n`
      using first = projectWith(big)
      assert.deepEqual((await runWith(first, remote.url, { uploadMs: 600_000 })).warnings, [])
      using second = projectWith(big)
      const got = await runWith(second, remote.url)
      assert.deepEqual(fates(got), { big: 'restored from remote' }, got.warnings.join())
      assert.equal(statSync(second.path('big')).size, megabytes * 1_000_000)
      assert.equal(await sha256(second.path('big')), await sha256(first.path('big')))
    })
  })

test('a run that has nothing to do does not ask the remote', async () => {
  using project = projectWith(workflow, sources)
  await project.run()
  const remote = remoteCache('redis://127.0.0.1:1', { patienceMs: 1_000 })
  assert.deepEqual((await project.run({ remote })).warnings, [])
})

async function sha256(path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return hash.digest('hex')
}
