/** Container images: archives that a container runtime accepts, and the same bytes every time. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { test } from 'node:test'
import { extract } from 'tar-stream'
import { imageName, imagePlans, makeImage } from '../../src/cluster/container-image.ts'

const busybox = Buffer.from('a program')

async function unpack(archive: Uint8Array): Promise<ReadonlyMap<string, Buffer>> {
  const files = new Map<string, Buffer>()
  for await (const entry of Readable.from([archive]).pipe(extract())) files.set(entry.header.name, await buffer(entry))
  return files
}

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

for (const plan of imagePlans(busybox))
  test(`${plan.reference}: manifest, configuration and layer belong together`, async () => {
    const files = await unpack(await makeImage(plan))
    const [manifest] = JSON.parse(String(files.get('manifest.json')))
    assert.deepEqual(manifest.RepoTags, [plan.reference])
    const config = files.get(manifest.Config) ?? assert.fail('no configuration')
    assert.equal(manifest.Config, `${sha256(config)}.json`)
    const layer = files.get(manifest.Layers[0]) ?? assert.fail('no layer')
    assert.deepEqual(JSON.parse(String(config)).rootfs.diff_ids, [`sha256:${sha256(layer)}`])
    assert.deepEqual((await unpack(layer)).get('bin/busybox'), busybox)
  })

test('the same program gives the same bytes, another one other bytes', async () => {
  const archive = async (program: Uint8Array) => {
    const [plan] = imagePlans(program)
    return sha256(await makeImage(plan ?? assert.fail()))
  }
  assert.equal(await archive(busybox), await archive(Buffer.from('a program')))
  assert.notEqual(await archive(busybox), await archive(Buffer.from('another program')))
})

test("an image's name is what its archive is called", () => {
  assert.equal(imageName('k8s-ha.local/pause:1'), 'pause')
})
