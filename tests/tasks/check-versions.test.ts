/** The task types of clusters with two versions: which pairs are refused, and where the second programs come to lie. */
import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { parse } from 'valibot'
import checkVersions from '../../tasks/check-versions.ts'
import otherPrograms from '../../tasks/other-programs.ts'
import { taskFixture } from './task-fixture.ts'

type Pairs = Parameters<NonNullable<typeof checkVersions.check>>[0]['with']

/** What is refused before anything starts. */
async function refused(pairs: object, projectDir = '/'): Promise<readonly string[]> {
  const options: Pairs = parse(checkVersions.schema, pairs)
  const around = { projectDir, settings: new Map(), planned: [] }
  const problems = (await checkVersions.check?.({ with: options, ...around })) ?? []
  return problems.map(problem => {
    assert.ok('path' in problem)
    return [problem.path.join('.'), problem.message].filter(Boolean).join(' | ')
  })
}

const kubernetes = (from: string, to: string, apart?: number) => ({
  kubernetes: { from, to, ...(apart === undefined ? {} : { apart }) },
})

test('a cluster can go to the next minor version, and to a newer patch', async () => {
  for (const [from, to] of [
    ['1.35.4', '1.36.3'],
    ['1.36.0', '1.36.3'],
    ['1.9.11', '1.10.0'],
    ['1.36.3', '1.37.0-rc.1'],
  ] as const)
    assert.deepEqual(await refused(kubernetes(from, to)), [], `${from} ${to}`)
  assert.deepEqual(await refused({ etcd: { from: '3.5.35', to: '3.6.16' } }), [])
})

test('an older version, the same, and one that is too far away are refused', async () => {
  assert.deepEqual(await refused(kubernetes('1.36.3', '1.35.4')), [
    'kubernetes.to | Cannot go from Kubernetes 1.36.3 to 1.35.4: that is an older version',
  ])
  assert.deepEqual((await refused(kubernetes('1.36.3', '1.36.1'))).length, 1)
  assert.match((await refused(kubernetes('1.36.3', '1.36.3'))).join(), /it is the same version$/)
  assert.match(
    (await refused(kubernetes('1.34.4', '1.36.3'))).join(),
    /one minor version at a time is supported, and these are 2 apart$/,
  )
  assert.match((await refused({ etcd: { from: '3.6.16', to: '4.0.0' } })).join(), /that is another major version$/)
  const both = { ...kubernetes('1.36.3', '1.35.4'), etcd: { from: '3.6.16', to: '3.5.35' } }
  assert.equal((await refused(both)).length, 2)
})

test('nodes may be three minor versions behind, and not four', async () => {
  assert.deepEqual(await refused(kubernetes('1.34.4', '1.37.2', 3)), [])
  assert.match(
    (await refused(kubernetes('1.33.0', '1.37.2', 3))).join(),
    /at most 3 minor versions may lie between, and these are 4 apart/,
  )
})

test('folders are asked for the version of their programs before anything is fetched', async t => {
  const { projectDir } = taskFixture(t)
  const folder = (name: string, program: string, says: string) => {
    mkdirSync(join(projectDir, name))
    writeFileSync(join(projectDir, name, program), `#!/bin/sh\necho ${says}\n`, { mode: 0o755 })
    return `./${name}`
  }
  const old = folder('old', 'kubelet', 'Kubernetes v1.35.4')
  const etcd = folder('etcd', 'etcd', '"etcd Version: 3.6.16"')
  assert.deepEqual(await refused(kubernetes(old, '1.36.3'), projectDir), [])
  assert.match(
    (await refused(kubernetes('1.36.3', old), projectDir)).join(),
    /from Kubernetes 1\.36\.3 to 1\.35\.4: that is an older/,
  )
  assert.match(
    (await refused({ etcd: { from: etcd, to: '3.8.0' } }, projectDir)).join(),
    /from etcd 3\.6\.16 to 3\.8\.0/,
  )
  // Which one that is shows in the image.
  assert.deepEqual(await refused({ etcd: { from: 'image', to: etcd } }, projectDir), [])
})

test('programs of a second version lie in a folder of their own, executable', async t => {
  const { projectDir, context } = taskFixture(t)
  const provide = (name: string, programs: readonly string[]) => {
    const folder = join(projectDir, name, 'usr/bin')
    mkdirSync(folder, { recursive: true })
    for (const program of programs) writeFileSync(join(folder, program), program, { mode: 0o700 })
    return [name, [join(projectDir, name)]] as const
  }
  const needs = new Map([
    provide('to', ['kubelet', 'kube-apiserver']),
    provide('etcd-to', ['etcd']),
    provide('none', []),
  ])
  const output = join(projectDir, 'build/newer')
  const options = { programs: ['to', 'etcd-to', 'none'] }
  const made = await otherPrograms.run(context(options, { outputs: [output], needs }))
  assert.deepEqual(made, { ok: true, value: '3 programs' })
  const folder = join(output, 'usr/lib/k8s-ha/other')
  assert.deepEqual(readdirSync(folder).sort(), ['etcd', 'kube-apiserver', 'kubelet'])
  assert.equal(statSync(join(folder, 'etcd')).mode & 0o777, 0o755)
  const missing = await otherPrograms.run(context({ programs: ['from'] }, { outputs: [output], needs }))
  assert.equal(missing.ok ? '' : missing.failure.kind, 'usage')
})
