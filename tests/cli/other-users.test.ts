/** Projects and caches of other users, folders that are no caches, and links in their place: nothing is run, read or removed. */
import assert from 'node:assert/strict'
import { chownSync, existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { before as beforeAll, describe, type TestContext, test } from 'node:test'
import { makeProject } from './project.ts'
import { run } from './run.ts'

beforeAll(() => run(['--version']))

const isRoot = process.getuid?.() === 0
const skip = isRoot ? false : 'needs root'
const other = 65_534

const workflow = 'tasks:\n  a: { run: "echo > o", inputs: [], outputs: [o] }\n'

function folder(context: TestContext, files: Readonly<Record<string, string>> = { 'workflows/a.yaml': workflow }) {
  const dir = makeProject(context, files)
  const home = makeProject(context, {})
  return {
    dir,
    path: (name: string) => join(dir, name),
    k8sHa: (argv: readonly string[], env: Readonly<Record<string, string>> = {}, cwd = dir) =>
      run(argv, { cwd, env: { HOME: home, ...env } }),
  }
}

describe('a project of another user', { skip }, () => {
  for (const name of ['k8s-ha.yaml', 'workflows', 'workflows/a.yaml', '.'])
    test(`is refused in one line when "${name}" is not the user’s; sudo’s user, and whom one trusts, are no others`, async context => {
      const { dir, path, k8sHa } = folder(context, { 'workflows/a.yaml': workflow, 'k8s-ha.yaml': '{}\n' })
      mkdirSync(path('below/it'), { recursive: true })
      chownSync(path(name), other, other)
      const refused = await k8sHa(['flow', 'a'], {}, path('below/it'))
      assert.equal(refused.code, 2)
      assert.match(
        refused.stderr,
        /^error: Cannot use the project .* belongs to another user; "k8s-ha trust .*" allows it\n$/,
      )
      assert.equal(existsSync(path('o')), false)
      assert.equal((await k8sHa(['cache', 'clear'])).code, 2)
      for (const env of [{ SUDO_UID: String(other) }, { K8S_HA_TRUST: '1' }])
        assert.equal((await k8sHa(['flow', 'a', '-n'], env)).code, 0)
      assert.equal((await k8sHa(['trust', dir])).code, 0)
      assert.equal((await k8sHa(['flow', 'a'])).code, 0)
    })

  test('a cache of another user is refused, or a part of it', async context => {
    const { path, k8sHa } = folder(context)
    assert.equal((await k8sHa(['flow', 'a', '--cache-dir', 'c'])).code, 0)
    for (const part of ['c/records', 'c']) {
      chownSync(path(part), other, other)
      const refused = await k8sHa(['flow', 'a', '--cache-dir', 'c'])
      assert.equal(refused.code, 3)
      assert.match(refused.stderr, new RegExp(`^error: Cannot use the cache .*: .*/${part} belongs to another user`))
      chownSync(path(part), 0, 0)
    }
  })
})

test('a folder with what k8s-ha did not make is no cache: nothing is written or removed there', async context => {
  const files = { 'projects/thesis/text': 'years', 'tmp/work/f': 'w', 'records/tax': 'r' }
  const home = makeProject(context, files)
  const before = readdirSync(home)
  const { k8sHa } = folder(context, { 'workflows/a.yaml': workflow, 'k8s-ha.yaml': `cacheDir: ${home}\n` })
  for (const argv of [
    ['flow', 'a'],
    ['cache', 'clear'],
    ['cache', 'prune', '--max-age', '0d'],
    ['cache', 'stats'],
  ]) {
    const refused = await k8sHa(argv)
    assert.equal(refused.code, 2)
    assert.match(refused.stderr, /Cannot use .* as a cache: it holds what k8s-ha did not make \("records\/tax"\)/)
  }
  assert.deepEqual(readdirSync(home), before)
  for (const name of Object.keys(files)) assert.ok(existsSync(join(home, name)), name)
})

test('a cache bears the tag of caches; clear removes from it only what has the names of a cache', async context => {
  const { path, k8sHa } = folder(context)
  assert.equal((await k8sHa(['flow', 'a', '--cache-dir', 'c'])).code, 0)
  assert.match(readFileSync(path('c/CACHEDIR.TAG'), 'utf8'), /^Signature: 8a477f597d28d172789f06886806bc55\n/)
  mkdirSync(path('c/projects/thesis'))
  mkdirSync(path('c/tmp/work'))
  assert.equal((await k8sHa(['cache', 'clear', '--cache-dir', 'c'])).code, 0)
  assert.deepEqual(readdirSync(path('c/projects')), ['thesis'])
  assert.deepEqual(readdirSync(path('c/tmp')), ['work'])
  assert.equal(existsSync(path('c/blobs')), false)
})

for (const [what, link] of [
  ['the project’s cache', 'cache'],
  ['a part of it', 'cache/runs'],
  ['its clusters', 'cache/clusters'],
  ['a folder on the way to the cache', 'mine'],
] as const)
  test(`a link in the place of ${what} is refused by every command`, async context => {
    const home = makeProject(context, { 'thesis/t': 'v', 'projects/p/t': 'v' })
    const before = readdirSync(home)
    const { path, k8sHa } = folder(context, { 'workflows/a.yaml': workflow, 'k8s-ha.yaml': '{}\n' })
    if (link.includes('/')) mkdirSync(path('cache'))
    symlinkSync(home, path(link))
    const more = link === 'mine' ? ['--cache-dir', 'mine/c'] : []
    for (const argv of [
      ['flow', 'a'],
      ['flow', 'a', '-n'],
      ['why', 'a'],
      ['cache', 'clear'],
      ['runs'],
      ['cluster', 'down', '--all'],
    ]) {
      const refused = await k8sHa([...argv, ...(argv[0] === 'cluster' ? [] : more)])
      if (argv[0] === 'cluster' && more.length > 0) continue
      assert.equal(refused.code, 2, refused.stderr)
      assert.match(refused.stderr, new RegExp(`Cannot use the cache: "${link}" is a link, to ${home}`))
    }
    assert.deepEqual(readdirSync(home), before)
    assert.equal(lstatSync(path(link)).isSymbolicLink(), true)
  })

test('what a run leaves is for its user only: logs and events, folders of roots, sandboxes and clusters', async context => {
  const { path, k8sHa } = folder(context)
  assert.equal((await k8sHa(['flow', 'a'])).code, 0)
  const mode = (name: string) => (statSync(path(name)).mode & 0o777).toString(8)
  const [first = ''] = readdirSync(path('cache/runs'))
  for (const name of ['runs', 'layers', 'scratch', 'build-roots', 'clusters', `runs/${first}`])
    assert.equal(mode(`cache/${name}`), '700', name)
  for (const name of readdirSync(path(`cache/runs/${first}`)))
    assert.equal(mode(`cache/runs/${first}/${name}`), '600', name)
})
