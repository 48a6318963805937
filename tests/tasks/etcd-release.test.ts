/** An official release that is one archive with a list of digests: etcd's. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { makeTar } from '../../src/cluster/tar.ts'
import { goArchitecture } from '../../tasks/programs/architecture.ts'
import { fetchFixture, sha256 } from './fetch-programs-fixture.ts'
import { serve } from './http-server.ts'
import { httpsServer } from './https-server.ts'
import { programFile } from './program-file.ts'

const folder = `etcd-v3.6.16-linux-${goArchitecture()}`
const archive = `${folder}.tar.gz`

const pack = async (names: readonly string[]) =>
  gzipSync(
    await makeTar(
      names.map(name => ({ path: `${folder}/${name}`, mode: 0o755, content: programFile(name.slice(-4)) })),
    ),
  )

const served = (content: Buffer, digest = sha256(content)) =>
  serve(
    new Map<string, string | Buffer>([
      ['/v3.6.16/SHA256SUMS', `${'0'.repeat(64)}  other.tar.gz\n${digest}  ${archive}\n`],
      [`/v3.6.16/${archive}`, content],
    ]),
  )

test('the programs of a release are taken from its archive, and nothing else', async t => {
  const { fetch, output, chosen, downloads } = fetchFixture(t)
  const url = await httpsServer(
    t,
    served(await pack(['README.md', 'etcd', 'etcdctl', 'etcdutl', 'Documentation/etcd'])),
  )
  const result = await fetch('3.6.16', { product: 'etcd', url })
  assert.deepEqual(result, { ok: true, value: `etcd 3.6.16: official programs (${url}/v3.6.16)` })
  assert.deepEqual(chosen(), { version: '3.6.16', origin: 'official' })
  assert.deepEqual(readdirSync(join(output, 'programs')).sort(), ['etcd', 'etcdctl', 'etcdutl'])
  assert.deepEqual(readFileSync(join(output, 'programs/etcdctl')), programFile('dctl'))
  assert.deepEqual(downloads(), [])
})

test('an archive that is another, lacks a program, is none, or is not listed, is refused', async t => {
  const { fetch, downloads } = fetchFixture(t)
  const answer = async (listener: ReturnType<typeof serve>) => {
    const result = await fetch('3.6.16', { product: 'etcd', url: await httpsServer(t, listener) })
    assert.ok(!result.ok)
    assert.equal(result.failure.message, 'Cannot get etcd 3.6.16: no place has it')
    return result.failure.last?.split('\n')[0]?.replace(/^.*?\): /, '')
  }
  const content = await pack(['etcd', 'etcdctl'])
  assert.equal(
    await answer(served(content, 'f'.repeat(64))),
    `${archive}: refused, its SHA-256 is ${sha256(content)}, not ${'f'.repeat(64)}`,
  )
  assert.equal(await answer(served(content)), `${archive}: it has no etcdutl`)
  assert.match((await answer(served(Buffer.from('no archive')))) ?? '', /it cannot be unpacked: /)
  assert.equal(
    await answer(serve(new Map([['/v3.6.16/SHA256SUMS', 'nothing']]))),
    `SHA256SUMS: it has no SHA-256 of ${archive}`,
  )
  assert.equal(await answer(serve(new Map())), 'SHA256SUMS: HTTP status 404: there is no such version')
  assert.deepEqual(downloads(), [])
})

test('the etcd that fits Kubernetes is the default; without any place it is that of the VM image, which is reported', async t => {
  const { fetch, chosen, kept } = fetchFixture(t)
  const old = await fetch('default', { product: 'etcd', kubernetes: '1.20.2' })
  assert.deepEqual(old, { ok: true, value: 'etcd of the VM image' })
  assert.ok(kept())
  const url = await httpsServer(t, serve(new Map()))
  for (const kubernetes of ['1.36.3', 'default']) {
    const result = await fetch('default', { product: 'etcd', url, kubernetes })
    assert.ok(result.ok)
    assert.match(result.value ?? '', /^etcd of the VM image INSTEAD OF 3\.\d+\.\d+, which no place has · official /)
    assert.partialDeepStrictEqual(chosen(), { version: 'image', origin: 'image' })
  }
  assert.equal(kept(), false, 'the next run may find what was wanted')
})

test('"image" is the etcd of the VM image: nothing is fetched', async t => {
  const { fetch, chosen } = fetchFixture(t)
  assert.deepEqual(await fetch('image', { product: 'etcd' }), { ok: true, value: 'etcd of the VM image' })
  assert.deepEqual(chosen(), { version: 'image', origin: 'image' })
})
