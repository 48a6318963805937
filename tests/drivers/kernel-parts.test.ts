/** What a CNI wants of the kernel: what is there is enough, and what cannot be had is named. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { provideKernelParts } from '../../src/drivers/netns/kernel-parts.ts'

const hasBpf = /\tbpf$/m.test(readFileSync('/proc/filesystems', 'utf8'))

test('what the kernel has needs no program', async () => {
  // "kernel" is in /sys/module on every machine; a name is found however its words are joined.
  assert.ok((await provideKernelParts({ mounts: [], modules: ['kernel'] })).ok)
  assert.equal((await provideKernelParts({ mounts: ['bpf'], modules: [] })).ok, hasBpf)
})

test('every module that cannot be had is named, with what mends it', async () => {
  const provided = await provideKernelParts({ mounts: [], modules: ['kernel', 'k8s_ha_none', 'k8s_ha_neither'] })
  assert.ok(!provided.ok)
  const { failure } = provided
  assert.equal(failure.kind, 'environment')
  assert.equal(failure.message, 'Cannot give VMs the kernel module "k8s_ha_none", which the CNI wants')
  assert.match(failure.try ?? '', /cni\.yaml$/)
  assert.notEqual(failure.last ?? '', '')
  assert.deepEqual(
    failure.also?.map(({ message }) => message),
    ['Cannot give VMs the kernel module "k8s_ha_neither", which the CNI wants'],
  )
})
