/** Archives of container images: those that nodes can load, by their full names, and why others cannot be loaded. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { makeImage } from '../../src/cluster/container-image.ts'
import { makeTar } from '../../src/cluster/tar.ts'
import { type ImageArchive, readImageArchive } from '../../tasks/node-files/image-archive.ts'
import { fullName } from '../../tasks/node-files/image-names.ts'
import { goArchitecture } from '../../tasks/programs/architecture.ts'

const dir = mkdtempSync(join(tmpdir(), 'k8s-ha-archive-'))
after(() => rmSync(dir, { recursive: true, force: true }))

async function read(content: Uint8Array | string): Promise<ImageArchive> {
  const file = join(dir, 'image.tar')
  writeFileSync(file, content)
  return readImageArchive(file)
}
const problemOf = async (content: Uint8Array | string): Promise<string> => {
  const archive = await read(content)
  return 'problem' in archive ? archive.problem : assert.fail(`read ${archive.names}`)
}

const plan = { reference: 'example.org/cni:1', entrypoint: ['/bin/cni'], files: [] }
const image = Buffer.from(await makeImage(plan))
const json = (path: string, value: unknown) => ({ path, mode: 0o644, content: JSON.stringify(value) })
const other = goArchitecture() === 'amd64' ? 'arm64' : 'amd64'

/** An image layout: an index, a manifest and a configuration. */
const layout = (annotations: Record<string, string>, { architecture = goArchitecture(), platform = {} } = {}) =>
  makeTar([
    json('oci-layout', { imageLayoutVersion: '1.0.0' }),
    json('index.json', { schemaVersion: 2, manifests: [{ digest: 'sha256:aa', annotations, ...platform }] }),
    json('blobs/sha256/aa', { config: { digest: 'sha256:bb' }, layers: [] }),
    json('blobs/sha256/bb', { architecture, os: 'linux' }),
  ])
const named = { 'io.containerd.image.name': 'docker.io/library/cni:1' }

test('what docker save makes', async () => {
  assert.deepEqual(await read(image), { names: ['example.org/cni:1'] })
})

test('an image layout whose image has a name', async () => {
  assert.deepEqual(await read(await layout(named)), { names: ['docker.io/library/cni:1'] })
})

test('an image that has no name cannot be started by one', async () => {
  assert.equal(await problemOf(await layout({})), 'its images have no names')
  const nameless = await makeTar([json('manifest.json', [{ Config: 'c.json', RepoTags: null, Layers: [] }])])
  assert.equal(await problemOf(nameless), 'its images have no names')
})

test('images for another architecture, in either kind of archive', async () => {
  const said = `its images are for ${other}, and this machine's architecture is ${goArchitecture()}`
  assert.equal(await problemOf(await layout(named, { architecture: other })), said)
  const platform = { platform: { os: 'linux', architecture: other } }
  assert.equal(await problemOf(await layout(named, { platform })), said)
  const saved = [{ Config: 'c.json', RepoTags: ['cni:1'], Layers: [] }]
  const docker = await makeTar([json('manifest.json', saved), json('c.json', { architecture: other })])
  assert.equal(await problemOf(docker), said)
})

test('a compressed archive, with the program that unpacks it', async () => {
  for (const [bytes, program] of [
    [gzipSync(image), 'gunzip'],
    [zstdCompressSync(image), 'zstd -d'],
  ] as const)
    assert.deepEqual(await read(bytes), { problem: 'it is compressed', try: `${program} ${join(dir, 'image.tar')}` })
})

test('what is no archive of images', async () => {
  const noTar = 'it is no tar archive, or it is cut short'
  for (const text of ['', 'x', '<html>Sign in</html>'.repeat(100), Buffer.alloc(4096)])
    assert.equal(await problemOf(text), noTar)
  const without = await makeTar([json('package.json', {})])
  assert.equal(await problemOf(without), 'it has neither manifest.json nor index.json, so it holds no images')
  const broken = await makeTar([{ path: 'manifest.json', mode: 0o644, content: '[{' }])
  assert.equal(await problemOf(broken), 'it has neither manifest.json nor index.json, so it holds no images')
})

test('an archive that is cut short, wherever that is', async () => {
  // The last 1024 bytes are empty: they say that it is whole.
  for (const length of [512, image.length / 2, image.length - 1536, image.length - 1024])
    assert.equal(await problemOf(image.subarray(0, length)), 'it is no tar archive, or it is cut short')
})

test('names are written out as containerd does', () => {
  for (const [name, full] of [
    ['busybox', 'docker.io/library/busybox:latest'],
    ['busybox:1.36', 'docker.io/library/busybox:1.36'],
    ['flannel/flannel:v0.26', 'docker.io/flannel/flannel:v0.26'],
    ['quay.io/cilium/cilium:v1.18', 'quay.io/cilium/cilium:v1.18'],
    ['localhost/cni', 'localhost/cni:latest'],
    ['registry:5000/cni', 'registry:5000/cni:latest'],
    ['quay.io/cilium/cilium:v1.18@sha256:00', 'quay.io/cilium/cilium:v1.18@sha256:00'],
  ] as const)
    assert.equal(fullName(name), full)
})
