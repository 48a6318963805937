/** Clusters of projects that lie in containers: this process has other mounts than they, and the same control groups. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { netnsDriver } from '../../src/drivers/netns/netns-driver.ts'
import { identify, isAlive } from '../../src/platform/processes/process-identity.ts'

const usable = await netnsDriver().preflight()
const skip = usable.ok ? false : usable.failure.message

/** A cluster that is kept, in a project that only processes with its mounts see. */
function clusterInContainer(t: TestContext) {
  const dir = mkdtempSync(join(tmpdir(), 'k8s-ha-container-'))
  const stateDir = join(dir, 'project/cache/clusters/one')
  // An absolute link on the way: it must be followed from the container's root.
  const script = `
    mount -t tmpfs project "$1"
    mkdir -p "$1/project" "$1/large-disk"
    ln -s "$1/large-disk" "$1/project/cache"
    exec "$2" "$3" "$1/project/cache/clusters/one"`
  const program = join(import.meta.dirname, 'make-cluster.ts')
  const enter = ['--mount', '--propagation', 'private', 'bash', '-euc', script, 'container']
  const holder = identify(
    Number(execFileSync('unshare', [...enter, dir, process.execPath, program], { encoding: 'utf8' })),
  )
  assert.ok(holder)
  const seen = `/proc/${holder.pid}/root${dir}`
  t.after(async () => {
    rmSync(join(seen, 'large-disk'), { recursive: true, force: true })
    await netnsDriver().sweep(join(dir, 'nothing'))
    rmSync(dir, { recursive: true })
    assert.equal(isAlive(holder), false)
  })
  return { dir, stateDir, seen, isRunning: () => isAlive(holder) }
}

async function sweep(dir: string): Promise<readonly string[]> {
  const swept = await netnsDriver().sweep(join(dir, 'nothing'))
  assert.ok(swept.ok)
  return swept.value
}

test('the cluster of a project in a container is no remain until its folder is gone there', { skip }, async t => {
  const { dir, stateDir, seen, isRunning } = clusterInContainer(t)
  assert.equal(existsSync(stateDir), false)
  assert.equal((await sweep(dir)).includes(stateDir), false)
  assert.ok(isRunning())
  renameSync(join(seen, 'large-disk'), join(seen, 'moved'))
  assert.ok((await sweep(dir)).includes(stateDir))
  assert.equal(isRunning(), false)
})

test('a cluster is not taken for the one in a container whose path is the same', { skip }, async t => {
  const { stateDir, isRunning } = clusterInContainer(t)
  for (const make of [() => {}, () => mkdirSync(stateDir, { recursive: true })]) {
    make()
    const removed = await netnsDriver().remove(stateDir)
    assert.match(removed.ok ? '' : removed.failure.message, /holds one with this path in another mount namespace/)
    assert.ok(isRunning())
  }
})

test('a cluster is found by its folder whatever links lead to it', { skip }, async t => {
  const dir = mkdtempSync(join(tmpdir(), 'k8s-ha-linked-'))
  t.after(() => rmSync(dir, { recursive: true }))
  mkdirSync(join(dir, 'disk'))
  mkdirSync(join(dir, 'project'))
  symlinkSync('../project/../disk', join(dir, 'project/cache'))
  const stateDir = join(dir, 'project/cache/clusters/one')
  execFileSync(process.execPath, [join(import.meta.dirname, 'make-cluster.ts'), stateDir])
  assert.equal((await sweep(dir)).includes(stateDir), false)
  assert.ok((await netnsDriver().remove(stateDir)).ok)
  assert.equal(existsSync(join(dir, 'disk/clusters/one')), false)
})
