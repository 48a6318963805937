/** What may hold secrets is neither uploaded nor taken from a remote. */
import assert from 'node:assert/strict'
import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import * as v from 'valibot'
import { defineTaskType } from '../../src/engine/workflow/task-type.ts'
import { ok } from '../../src/platform/result.ts'
import { taskTypes } from '../../tasks/registry.ts'
import type { TestProject } from '../engine/project.ts'
import { fates, projectWith, runWith, SharedFolder } from './remote-project.ts'

const root = join(import.meta.dirname, '../..')
const taskSourceDir = join(root, 'tasks')
const usesTaskTypes = { taskTypes, taskSourceDir }

const cluster = '{ family: IPv6, etcd_vms: "193-195", lb_vms: "191 192", masters: 1, nvm: 2, k8s_disable: "no" }'
/** As workflows/overlay.yaml, without what takes long to build; and what a user may add to it. */
const overlay = `
tasks:
  make-pki: { uses: make-pki, outputs: [build/pki], with: { cluster: ${cluster} } }
  make-overlay:
    uses: make-overlay
    needs: [make-pki]
    inputs: ["overlay/**"]
    outputs: [build/overlay.tar, build/overlay.json]
    with: { cluster: ${cluster}, pki: make-pki }
  group: { needs: [make-overlay] }
  unpacked: { run: "mkdir unpacked && tar -xf build/overlay.tar -C unpacked && chmod -R a+rX unpacked", needs: [group, make-overlay], outputs: [unpacked] }
  public: { run: "echo public > public", outputs: [public] }
`

function overlayProject(): TestProject {
  const project = projectWith(overlay)
  cpSync(join(root, 'overlay'), project.path('overlay'), { recursive: true })
  return project
}

test('private keys, and all that is made with them, never reach a remote', async () => {
  using folder = new SharedFolder()
  using first = overlayProject()
  const made = await runWith(first, folder.path, {}, usesTaskTypes)
  assert.deepEqual([made.summary.status, made.warnings], ['passed', []])
  const keys = readdirSync(first.path('build/pki')).filter(name => name.endsWith('.key'))
  assert.ok(keys.length > 3, keys.join())
  const shared = folder.contents()
  assert.ok(shared.includes('public\n'), 'what may be shared is shared')
  assert.ok(!shared.includes('PRIVATE KEY'))
  // One blob, one record: in kubeconfigs keys are in another writing, which a search for their text would miss.
  assert.equal(folder.files().length, 2)
  const tar = readFileSync(first.path('build/overlay.tar'), 'latin1')
  let embedded = false
  for (const name of keys) {
    const [, middle = ''] = /\n(\S{40,})\n/.exec(readFileSync(first.path(`build/pki/${name}`), 'utf8')) ?? []
    assert.ok(middle.length >= 40, name)
    assert.ok(!shared.includes(middle), name)
    embedded ||= tar.includes(middle)
  }
  assert.ok(embedded, 'the overlay does hold keys')
  using second = overlayProject()
  const other = await runWith(second, folder.path, {}, usesTaskTypes)
  assert.deepEqual(fates(other), {
    'make-pki': 'executed',
    'make-overlay': 'executed',
    group: 'executed',
    unpacked: 'executed',
    public: 'restored from remote',
  })
})

const withSecret = (cache: string) => `
tasks:
  secret: { run: "echo hush-hush > secret", outputs: [secret], cache: ${cache} }
  embeds: { run: "cat secret secret > embeds", needs: [secret], outputs: [embeds] }
  group: { needs: [embeds] }
  behind: { run: "cat embeds > behind", needs: [group, embeds], outputs: [behind] }
`

test('cache: local keeps a result here, and what needs it; it is cached here all the same', async () => {
  using folder = new SharedFolder()
  using project = projectWith(withSecret('local'))
  await runWith(project, folder.path)
  assert.deepEqual(folder.files(), [])
  const again = fates(await runWith(project, folder.path))
  assert.deepEqual(new Set(Object.values(again)), new Set(['up-to-date']))
})

test('nobody can plant a result that is local: the remote is not asked for it', async () => {
  using folder = new SharedFolder()
  using planter = projectWith(withSecret('true'))
  assert.deepEqual((await runWith(planter, folder.path)).warnings, [])
  assert.equal(folder.files('/records/').length, 3)
  // The fingerprint is the same: whether a result is shared cannot change it.
  using project = projectWith(withSecret('local'))
  const ran = fates(await runWith(project, folder.path))
  assert.deepEqual(new Set(Object.values(ran)), new Set(['executed']))
})

test('what only its owner may read stays here, and the user is told', async () => {
  using folder = new SharedFolder()
  using project = projectWith('tasks:\n  key: { run: "umask 077; echo hush-hush > key", outputs: [key] }\n')
  const ran = await runWith(project, folder.path)
  assert.deepEqual(ran.warnings, [
    'Its result is not uploaded: only its owner may read "key"; cache: local says that this is meant',
  ])
  assert.deepEqual(folder.files(), [])
})

test('a result with a link that leads out, which nobody would take, stays here too', async () => {
  using folder = new SharedFolder()
  using project = projectWith('tasks:\n  link: { run: "mkdir o; ln -s /etc/passwd o/l", outputs: [o] }\n')
  const ran = await runWith(project, folder.path)
  assert.deepEqual(ran.warnings, ['Its result is not uploaded: the link "o/l" leads out of its outputs'])
  assert.deepEqual(folder.files(), [])
})

test('the password of a URL in a note does not travel', async () => {
  using folder = new SharedFolder()
  const fetchLike = defineTaskType({
    name: 'fetch-like',
    description: 'notes where it fetched from, as fetch-source does',
    schema: v.strictObject({}),
    async run({ outputs: [file = ''] }) {
      writeFileSync(file, 'fetched')
      return ok('7 B from http://user:hush-hush@mirror/file')
    },
  })
  const fetching = {
    taskTypes: { 'fetch-like': async () => ({ default: fetchLike }) },
    codeDigests: { 'fetch-like': 'x' },
  }
  const workflow = 'tasks:\n  fetch: { uses: fetch-like, outputs: [file] }\n'
  using first = projectWith(workflow)
  await runWith(first, folder.path, {}, fetching)
  assert.ok(!folder.contents().includes('hush-hush'))
  using second = projectWith(workflow)
  const got = await runWith(second, folder.path, {}, fetching)
  assert.deepEqual(fates(got), { fetch: 'restored from remote' })
  assert.equal(got.summary.tasks[0]?.note, '7 B from http://…@mirror/file')
})

test('values of variables, and the marks that why compares, do not travel', async () => {
  using folder = new SharedFolder()
  using project = projectWith('tasks:\n  a: { run: "echo $$ > a", outputs: [a], env: [TOKEN] }\n')
  await runWith(project, folder.path, {}, { environment: { TOKEN: 'hush-hush-token' } })
  const shared = folder.contents()
  assert.ok(shared.includes('"task":"a"'))
  assert.ok(!shared.includes('hush-hush') && !shared.includes('"parts"') && !shared.includes('TOKEN'))
  const marks = readFileSync(join(project.cacheDir, 'secret'), 'utf8')
  assert.ok(!shared.includes(marks))
  // The second machine explains changes by marks of its own.
  using second = projectWith('tasks:\n  a: { run: "echo $$ > a", outputs: [a], env: [TOKEN] }\n')
  const environment = { TOKEN: 'hush-hush-token' }
  assert.deepEqual(fates(await runWith(second, folder.path, {}, { environment })), { a: 'restored from remote' })
  const changed = await second.run({ environment: { TOKEN: 'other' } })
  assert.equal(changed.because.a, 'variable TOKEN changed')
})
