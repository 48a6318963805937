/** What differs by version of Kubernetes: a version has what the latest change before it says. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { buildSpec } from '../../src/cluster/build-spec.ts'
import {
  defaultVersion,
  isVersion,
  known,
  newestKnown,
  refusalOf,
  traitsOf,
  warningOf,
} from '../../src/cluster/kubernetes/versions.ts'
import { shutdownDelayMs } from '../../src/cluster/render/apiserver-end.ts'
import type { NodeApi } from '../../src/cluster/spec.ts'
import { timersOf } from '../../src/cluster/timers.ts'
import { versionOf } from '../../tasks/kubernetes/version-of.ts'
import { overlayOf, settings, specWith, textOf, unwrap } from './sample.ts'

const flagsWith = async (kubernetes: string, file: string) =>
  textOf(await overlayOf(specWith({ family: 'dual', kubernetes })), `etc/k8s-ha/vm-001/${file}`)

test('two families are asked for by a gate only where there is one', async () => {
  for (const file of ['kube-apiserver.flags', 'kube-proxy.flags', 'kubelet.flags']) {
    assert.match(await flagsWith('1.20.2', file), /^--feature-gates=IPv6DualStack=true$/m, file)
    for (const version of ['1.21.0', '1.36.3'])
      assert.doesNotMatch(await flagsWith(version, file), /feature-gates/, file)
  }
})

test('kubelet gets a flag for its runtime only where it has that flag', async () => {
  for (const version of ['1.20.2', '1.26.15'])
    assert.match(await flagsWith(version, 'kubelet.flags'), /^--container-runtime=remote$/m)
  for (const version of ['1.27.0', '1.36.3'])
    assert.doesNotMatch(await flagsWith(version, 'kubelet.flags'), /--container-runtime=/)
})

test('kubelet accepts control groups of version 1 where it has the setting', async () => {
  for (const version of ['1.31.0', '1.36.3'])
    assert.match(await flagsWith(version, 'kubelet.yaml'), /^failCgroupV1: false$/m)
  assert.doesNotMatch(await flagsWith('1.20.2', 'kubelet.yaml'), /failCgroupV1/)
})

test('haproxy leaves out every check of etcd that an apiserver has', async () => {
  const config = async (kubernetes: string) =>
    textOf(await overlayOf(specWith({ kubernetes })), 'etc/k8s-ha/vm-191/haproxy.cfg')
  assert.match(await config('1.20.2'), /uri \/readyz\?exclude=etcd$/m)
  assert.match(await config('1.25.0'), /uri \/readyz\?exclude=etcd&exclude=etcd-readiness$/m)
})

test('nftables is refused where kube-proxy cannot do it', () => {
  const old = buildSpec({ ...settings, kubeProxy: 'nftables', kubernetes: '1.35.4' })
  assert.ok(!old.ok)
  assert.match(old.failure.message, /^Cannot use kube_proxy nftables with Kubernetes 1\.35\.4: /)
  assert.ok(buildSpec({ ...settings, kubeProxy: 'nftables', kubernetes: '1.36.3' }).ok)
})

test('kubelets of control-plane VMs ask the VIP, or as with kubeadm their own apiserver', async () => {
  const servers = async (nodeApi: NodeApi) => {
    const overlay = await overlayOf(specWith({ nodeApi }))
    return ['vm-001/kubelet', 'vm-003/kubelet', 'vm-001/kube-proxy'].map(
      file => /server: (\S+)/.exec(textOf(overlay, `etc/k8s-ha/${file}.kubeconfig`))?.[1],
    )
  }
  const vip = 'https://192.168.1.200:6443'
  assert.deepEqual(await servers('vip'), [vip, vip, vip])
  assert.deepEqual(await servers('local'), ['https://192.168.1.1:6443', vip, vip])
})

test('a version has the traits of the one before it until something changes, and the newest those of the last', () => {
  assert.deepEqual(traitsOf('1.30'), traitsOf('1.28.15'))
  assert.deepEqual(traitsOf('2.0.0'), traitsOf('1.999.0'))
  assert.deepEqual(traitsOf('1.19.16'), traitsOf('1.20.2'))
  assert.deepEqual(traitsOf(undefined), traitsOf(newestKnown))
})

test('a version begins with its minor version; a word is none', () => {
  for (const version of ['1.20.2', '1.36.0-rc.1', '1.36']) assert.ok(isVersion(version), version)
  for (const word of ['', 'latest', '1', 'v1.20.2', '/opt/kubernetes', '1.x']) assert.ok(!isVersion(word), word)
})

test('what is not known is used with a warning; what is too old is refused', () => {
  assert.equal(newestKnown, known.at(-1))
  assert.ok(known.some(minor => defaultVersion.startsWith(`${minor}.`)))
  for (const minor of known)
    assert.deepEqual([refusalOf(`${minor}.2`), warningOf(`${minor}.2`)], [undefined, undefined])
  assert.match(
    warningOf('1.29.3') ?? '',
    /^Kubernetes 1\.29\.3 is none of the known versions \(1\.20, 1\.34, .*\): it is configured like an older one$/,
  )
  assert.match(warningOf('1.99.0') ?? '', /newer than all known versions: it is configured like 1\.\d+$/)
  assert.match(refusalOf('1.19.16') ?? '', /too old/)
})

const dir = mkdtempSync(join(tmpdir(), 'k8s-ha-versions-'))
after(() => rmSync(dir, { recursive: true, force: true }))
const around = { projectDir: dir, signal: new AbortController().signal, log: () => {} }

test('own programs say which version they are; without an answer it is the newest that is known', async () => {
  assert.equal(unwrap(await versionOf(dir, around)), newestKnown)
  writeFileSync(join(dir, 'kubelet'), '#!/bin/sh\necho Kubernetes v1.29.3-dirty\n', { mode: 0o755 })
  assert.equal(unwrap(await versionOf(dir, around)), '1.29.3-dirty')
  assert.equal(unwrap(await versionOf('./', around)), '1.29.3-dirty')
})

test('what is neither a version nor a folder is a usage error', async () => {
  assert.equal(unwrap(await versionOf('1.31.0', around)), '1.31.0')
  const refused = await versionOf('latest', around)
  assert.ok(!refused.ok && refused.failure.kind === 'usage')
  assert.match(refused.failure.message, /"latest"/)
})

test('an apiserver that ends is told how, as far as its version knows how to', async () => {
  const shutdownFlags = async (kubernetes: string) =>
    (await flagsWith(kubernetes, 'kube-apiserver.flags')).match(/^--shutdown-.*$/gm)
  assert.deepEqual(await shutdownFlags('1.20.2'), ['--shutdown-delay-duration=3000ms'])
  assert.deepEqual(await shutdownFlags('1.22.0'), [
    '--shutdown-delay-duration=3000ms',
    '--shutdown-send-retry-after=true',
  ])
  assert.deepEqual(await shutdownFlags('1.36.3'), [
    '--shutdown-delay-duration=3000ms',
    '--shutdown-send-retry-after=true',
    '--shutdown-watch-termination-grace-period=1000ms',
  ])
})

test('an apiserver that ends serves for longer than haproxy takes to notice, whatever its timers', () => {
  for (const profile of ['default', 'fast'] as const) {
    const timers = timersOf(profile, { preempt: true })
    const { interMs, fastInterMs, fall } = timers.apiCheck
    assert.ok(shutdownDelayMs(timers) > interMs + (fall - 1) * fastInterMs, profile)
  }
  assert.equal(shutdownDelayMs(timersOf('fast', { preempt: true })), 1500)
})

test('haproxy lets an apiserver that says it is not ready keep its connections', async () => {
  const config = textOf(await overlayOf(specWith()), 'etc/k8s-ha/vm-191/haproxy.cfg')
  assert.match(config, /^ *http-check expect error-status L7OKC status 200$/m)
})
