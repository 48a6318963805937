/** The pinned Go modules that come with the program. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { known } from '../../src/cluster/kubernetes/versions.ts'
import { foldersIn } from '../../src/platform/folder-entries.ts'
import { etcd } from '../../tasks/programs/etcd.ts'
import { goBuildPlans } from '../../tasks/programs/go-build-plans.ts'
import { goRoot } from '../../tasks/programs/go-root.ts'
import { kubernetes } from '../../tasks/programs/kubernetes.ts'
import { pinnedVersions, pinsOf } from '../../tasks/programs/pins.ts'
import { minorOf } from '../../tasks/programs/product.ts'

const root = join(import.meta.dirname, '../..')
const products = [
  { name: 'kubernetes', module: 'k8s.io/kubernetes' },
  { name: 'etcd', module: 'go.etcd.io/etcd/server/v3' },
] as const

for (const { name, module } of products) {
  const modules = join(root, 'tasks', name, 'modules')

  test(`each minor version of ${name} that is pinned can be built`, () => {
    assert.ok(foldersIn(modules).length > 0)
    for (const minor of foldersIn(modules)) {
      const pins = pinsOf(modules, minor, module)
      assert.ok(pins, minor)
      assert.equal(minorOf(pins.version), minor)
      assert.ok(pins.count > 50, `${minor}: ${pins.count} modules`)
      assert.ok(goRoot(pins.go), `${minor} wants Go ${pins.go}`)
      const mod = readFileSync(join(pins.folder, 'go.mod'), 'utf8')
      for (const program of goBuildPlans[name].packages) assert.match(mod, new RegExp(`^\\t${program}$`, 'm'), minor)
    }
  })
}

test('the modules that Kubernetes keeps beside itself have the same minor version and patch', () => {
  const modules = join(root, 'tasks/kubernetes/modules')
  for (const minor of foldersIn(modules)) {
    const pins = pinsOf(modules, minor, 'k8s.io/kubernetes') ?? assert.fail(minor)
    const mod = readFileSync(join(pins.folder, 'go.mod'), 'utf8')
    const replaced = [...mod.matchAll(/^\t(\S+) => (\S+) v(\S+)$/gm)]
    assert.ok(replaced.length > 25, minor)
    for (const [, from, to, version] of replaced)
      assert.deepEqual([to, version], [from, pins.version.replace(/^1\./, '0.')], minor)
  }
})

test('the default version is pinned', () => {
  const { version } = kubernetes.standard(undefined)
  assert.ok(pinnedVersions(join(root, 'tasks/kubernetes/modules'), 'k8s.io/kubernetes').includes(version), version)
})

test('the etcd that each known version of Kubernetes wants is pinned, or is in the VM image', () => {
  const pinned = pinnedVersions(join(root, 'tasks/etcd/modules'), 'go.etcd.io/etcd/server/v3')
  for (const minor of known) assert.ok(['image', ...pinned].includes(etcd.standard(minor).version), minor)
})
