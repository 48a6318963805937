/** Which files concern which VM, and how a list of them is shortened. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { changedFiles, shortList } from '../../src/lifecycle/warm-cluster.ts'
import { etcdOnly, makeProject } from './fixture.ts'

test('a file in a VM’s own folder concerns that VM, any other file all VMs', context => {
  const { wanted } = makeProject(context)
  const changed = (files: Readonly<Record<string, string>>) => [
    ...changedFiles(wanted().description, wanted({ files }).description, etcdOnly()),
  ]
  assert.deepEqual(changed({}), [])
  assert.deepEqual(changed({ 'etc/k8s-ha/vm-193/new': 'x' }), [['vm-193', ['etc/k8s-ha/vm-193/new']]])
  assert.deepEqual(
    changed({ 'etc/hosts': 'x', 'etc/k8s-ha/vm-193/etcd.yaml': 'x' }).map(([vm, files]) => [vm, files.length]),
    [
      ['vm-193', 2],
      ['vm-194', 1],
      ['vm-195', 1],
    ],
  )
})

test('a file that is gone has changed', context => {
  const { wanted } = makeProject(context)
  const more = wanted({ files: { 'etc/k8s-ha/vm-195/gone': 'x' } }).description
  assert.deepEqual([...changedFiles(more, wanted().description, etcdOnly()).keys()], ['vm-195'])
})

test('up to three files are named, of more the first three and how many more', () => {
  assert.equal(shortList(['a/b', 'c']), 'b, c')
  assert.equal(shortList(['a', 'b', 'c', 'd', 'e']), 'a, b, c and 2 more')
})
