/** The task types make-pki, make-images and make-overlay, run as the engine runs them. */
import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { zstdCompressSync } from 'node:zlib'
import * as v from 'valibot'
import { makeTar } from '../../src/cluster/tar.ts'
import type { TaskContext, TaskType } from '../../src/engine/workflow/task-type.ts'
import { ok, type Result } from '../../src/platform/result.ts'
import makeImages from '../../tasks/make-images.ts'
import makeOverlay from '../../tasks/make-overlay.ts'
import makePki from '../../tasks/make-pki.ts'
import { projectDir, unwrap } from './sample.ts'

const dir = mkdtempSync(join(tmpdir(), 'k8s-ha-tasks-'))
after(() => rmSync(dir, { recursive: true, force: true }))
const at = (name: string) => join(dir, name)

const cluster = { family: 'IPv6', etcd_vms: '193-195', lb_vms: '191 192', masters: 1, nvm: 2, k8s_disable: 'no' }

interface Run<With> {
  readonly type: TaskType<With>
  readonly with: unknown
  readonly outputs: readonly string[]
  readonly needs?: Readonly<Record<string, string>>
  /** Of needs that have more than one. */
  readonly outputsOf?: Readonly<Record<string, readonly string[]>>
}

async function run<With>({ type, with: raw, outputs, needs = {}, outputsOf = {} }: Run<With>): Promise<Result<string>> {
  const context: TaskContext<With> = {
    task: type.name,
    with: v.parse(type.schema, raw),
    projectDir,
    cacheDir: dir,
    outputs: outputs.map(at),
    inputs: [],
    needs: new Map(Object.entries(needs).map(([name, output]) => [name, (outputsOf[name] ?? [output]).map(at)])),
    env: {},
    logDir: dir,
    settings: new Map(),
    signal: new AbortController().signal,
    log: () => {},
    progress: () => {},
    event: () => {},
    onlyNow: () => {},
  }
  const result = await type.run(context)
  return result.ok ? ok(typeof result.value === 'string' ? result.value : '') : result
}

const overlay = (outputs: readonly string[], needs: Readonly<Record<string, string>>) =>
  run({
    type: makeOverlay,
    with: { cluster, pki: 'make-pki', images: 'make-images', keepalived: 'keepalived-build' },
    outputs,
    needs: { 'make-pki': 'pki', 'make-images': 'images', ...needs },
  })

test('make-pki writes a private folder with private keys that only the owner reads', async () => {
  unwrap(await run({ type: makePki, with: { cluster }, outputs: ['pki'] }))
  assert.equal(statSync(at('pki')).mode & 0o777, 0o700)
  for (const name of readdirSync(at('pki')))
    assert.equal(statSync(join(at('pki'), name)).mode & 0o777, name.endsWith('.key') ? 0o600 : 0o644, name)
})

test('make-images takes busybox from a root archive, and says when it is not there', async () => {
  const archive = async (path: string) => zstdCompressSync(await makeTar([{ path, mode: 0o755, content: 'busybox' }]))
  writeFileSync(at('root'), await archive('usr/bin/busybox'))
  writeFileSync(at('other'), await archive('usr/bin/true'))
  const images = (root: string, outputs: readonly string[]) =>
    run({ type: makeImages, with: { root: 'image' }, outputs, needs: { image: root } })
  unwrap(await images('root', ['images']))
  assert.deepEqual(readdirSync(at('images')).sort(), ['pause.tar', 'test-app.tar'])
  const missing = await images('other', ['nothing'])
  assert.ok(!missing.ok)
  assert.match(missing.failure.message, /has no \/bin\/busybox/)
})

test('make-overlay: the same needs give the same bytes, with keepalived and the images', async () => {
  await mkdir(at('keepalived/usr/sbin'), { recursive: true })
  await writeFile(at('keepalived/usr/sbin/keepalived'), 'program', { mode: 0o755 })
  const needs = { 'keepalived-build': 'keepalived' }
  const note = unwrap(await overlay(['a.tar', 'a.json'], needs))
  assert.equal(note, '3 etcd, 2 load balancers, 1 control plane, 1 worker · VIP fd00::c0a8:1c8')
  unwrap(await overlay(['b.tar', 'b.json'], needs))
  assert.deepEqual(readFileSync(at('a.tar')), readFileSync(at('b.tar')))
  assert.deepEqual(readFileSync(at('a.json')), readFileSync(at('b.json')))
  const names = readFileSync(at('a.tar')).toString('latin1')
  assert.ok(names.includes('usr/sbin/keepalived\0') && names.includes('usr/share/k8s-ha/images/pause.tar\0'))
  assert.equal(statSync(at('a.tar')).mode & 0o777, 0o600)
})

test('make-overlay goes without keepalived when that was not built, and says so', async () => {
  const note = unwrap(await overlay(['c.tar', 'c.json'], {}))
  assert.equal(
    note,
    '3 etcd, 2 load balancers, 1 control plane, 1 worker · VIP fd00::c0a8:1bf · keepalived NOT INCLUDED',
  )
  assert.equal(JSON.parse(readFileSync(at('c.json'), 'utf8')).spec.keepalived, false)
  assert.ok(!readFileSync(at('c.tar')).toString('latin1').includes('vm-191/keepalived.conf\0'))
})

test('the data beside the tar has a digest per VM that changes with what concerns that VM', async () => {
  const digests = (file: string) => JSON.parse(readFileSync(at(file), 'utf8')).vmDigests
  unwrap(
    await run({
      type: makeOverlay,
      with: {
        cluster: { ...cluster, nvm: 2 },
        preempt: false,
        pki: 'make-pki',
        images: 'make-images',
        keepalived: 'k',
      },
      outputs: ['d.tar', 'd.json'],
      needs: { 'make-pki': 'pki', 'make-images': 'images', k: 'keepalived' },
    }),
  )
  const [before, now] = [digests('a.json'), digests('d.json')]
  const changed = Object.keys(before).filter(name => before[name] !== now[name])
  assert.deepEqual(changed, ['vm-191', 'vm-192'])
})

test('make-overlay makes an overlay of the cluster of another one, whose settings it takes over', async () => {
  const needs = { 'make-pki': 'pki', 'make-images': 'images', k: 'keepalived', other: 'd' }
  const like = (more: object) =>
    run({
      type: makeOverlay,
      with: { 'cluster-of': 'other', pki: 'make-pki', images: 'make-images', ...more },
      outputs: ['e.tar', 'e.json'],
      needs,
      outputsOf: { other: ['d.tar', 'd.json'] },
    })
  const described = (file: string) => JSON.parse(readFileSync(at(file), 'utf8'))
  unwrap(await like({ keepalived: 'k', defect: 'no-track-script' }))
  const { defect, files: _, vmDigests: __, ...planted } = described('e.json')
  const { files: ___, vmDigests: ____, ...healthy } = described('d.json')
  assert.deepEqual(planted, healthy)
  assert.equal(defect, 'no-track-script')
  const without = await like({})
  assert.ok(!without.ok && without.failure.kind === 'usage')
  assert.match(without.failure.message, /do not agree: only one of them has keepalived/)
  const unknown = await like({ 'cluster-of': 'make-pki', keepalived: 'k' })
  assert.ok(!unknown.ok)
  assert.match(unknown.failure.message, /wants the cluster of "make-pki", which is no overlay among its needs/)
})

test('a cluster that cannot be is a usage error of either task', async () => {
  const built = await run({ type: makePki, with: { cluster: { ...cluster, lb_vms: '5' } }, outputs: ['no'] })
  assert.ok(!built.ok && built.failure.kind === 'usage')
})
