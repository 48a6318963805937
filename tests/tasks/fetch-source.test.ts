import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import fetchSource, { fetchFrom } from '../../tasks/fetch-source.ts'
import { placesOf } from '../../tasks/sources/places.ts'
import type { SourceArchive } from '../../tasks/sources/source-archive.ts'
import { serve } from './http-server.ts'
import { httpsServer } from './https-server.ts'
import { taskFixture } from './task-fixture.ts'

const content = 'the source'
const sha256 = createHash('sha256').update(content).digest('hex')
const otherSha256 = createHash('sha256').update('tampered').digest('hex')

test('the folder of archives comes first', async t => {
  const { fetch, target, archiveDir } = fixture(t)
  writeFileSync(join(archiveDir, 'thing-1.tar.gz'), content)
  const result = await fetch({ url: 'https://127.0.0.1:1/thing-1.tar.gz' })
  assert.deepEqual(result, { ok: true, value: `0.0 MB from ${archiveDir}` })
  assert.equal(readFileSync(target, 'utf8'), content)
})

test('a wrong file is refused with both hashes shown, and the next place is tried', async t => {
  const { fetch, target, archiveDir, logged } = fixture(t)
  writeFileSync(join(archiveDir, 'thing-1.tar.gz'), 'tampered')
  const url = `${await httpsServer(t, serve(new Map([['/thing-1.tar.gz', content]])))}/thing-1.tar.gz`
  const result = await fetch({ url })
  assert.deepEqual(result, { ok: true, value: `0.0 MB from ${url}` })
  assert.equal(readFileSync(target, 'utf8'), content)
  assert.deepEqual(logged, [`warning: ${archiveDir}: refused, its SHA-256 is ${otherSha256}, not ${sha256}\n`])
})

test('when no place has the right file, every one is listed with what was seen, and nothing is kept', async t => {
  const { fetch, target, archiveDir } = fixture(t)
  const server = await httpsServer(t, serve(new Map([['/wrong', 'tampered']])))
  const wrong = await fetch({ url: `${server}/wrong` })
  assert.ok(!wrong.ok)
  assert.equal(wrong.failure.message, 'Cannot fetch thing 1: no place has the right file')
  const [first, second, third] = wrong.failure.last?.split('\n') ?? []
  assert.equal(first, `${archiveDir}: it has no thing-1.tar.gz`)
  assert.match(second ?? '', /Downloads: /)
  assert.equal(third, `${server}/wrong: refused, its SHA-256 is ${otherSha256}, not ${sha256}`)
  assert.match(wrong.failure.try ?? '', new RegExp(sha256))
  const missing = await fetch({ url: `${server}/missing` })
  assert.ok(!missing.ok && missing.failure.last?.endsWith(`${server}/missing: HTTP status 404`))
  const refused = await fetch({ url: 'https://127.0.0.1:1/closed' })
  assert.ok(!refused.ok && /127\.0\.0\.1:1\/closed: .*(ECONNREFUSED|bad port)/.test(refused.failure.last ?? ''))
  assert.deepEqual(readdirSync(dirname(target)), [])
})

test('an answer that ends early is not taken for the file', async t => {
  const { fetch, target } = fixture(t)
  const server = await httpsServer(t, (_, response) => {
    response.writeHead(200, { 'content-length': '1000' })
    response.write('part')
    response.destroy()
  })
  const result = await fetch({ url: `${server}/thing` })
  assert.ok(!result.ok)
  assert.deepEqual(readdirSync(dirname(target)), [])
})

test('an abort ends a download that hangs', async t => {
  const abort = new AbortController()
  const { fetch, target } = fixture(t, abort.signal)
  const server = await httpsServer(t, (_, response) => {
    response.writeHead(200)
    response.write('part', () => abort.abort())
  })
  const result = await fetch({ url: `${server}/thing` })
  assert.ok(!result.ok)
  assert.equal(result.failure.kind, 'interrupted')
  assert.deepEqual(readdirSync(dirname(target)), [])
})

test('an unknown source or version says which there are', async t => {
  const { context } = taskFixture(t)
  const version = await fetchSource.run(context({ source: 'keepalived', version: '9' }))
  assert.ok(!version.ok)
  assert.equal(version.failure.message, 'No source of keepalived 9 is known: there are 2.2.7, 2.2.8, 2.3.3, 2.3.4')
  const name = await fetchSource.run(context({ source: 'x', version: '9' }))
  assert.ok(!name.ok)
  assert.equal(name.failure.message, 'No source "x" is known: there are keepalived, kubernetes')
})

function fixture(t: TestContext, signal = new AbortController().signal) {
  const { projectDir, context, logged } = taskFixture(t)
  const archiveDir = join(projectDir, 'archive')
  mkdirSync(archiveDir)
  const target = join(projectDir, 'build/sources/thing.tar.gz')
  return {
    archiveDir,
    target,
    logged,
    fetch: (where: Pick<SourceArchive, 'url'>) => {
      const archive = { name: 'thing', version: '1', sha256, fileNames: ['thing-1.tar.gz'], ...where }
      return fetchFrom(placesOf(archive, archiveDir, signal), archive, context({}, { outputs: [target], signal }))
    },
  }
}
