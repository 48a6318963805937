/** What a user brings for nodes becomes a layer of theirs, and what cannot work is found before anything starts. */
import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import * as v from 'valibot'
import { makeImage } from '../../src/cluster/container-image.ts'
import makeNodeFiles from '../../tasks/make-node-files.ts'
import { readWants } from '../../tasks/node-files/cni-folder.ts'
import { otherMachine, programFile } from './program-file.ts'
import { taskFixture } from './task-fixture.ts'

const daemonSet = (container: string) => `apiVersion: apps/v1
kind: DaemonSet
metadata: { name: cni }
spec:
  template:
    spec:
      containers: [{ name: cni, ${container} }]
`
const image = (reference: string) => makeImage({ reference, entrypoint: ['/cni'], files: [] })

/** A project with a folder `cni` that has all that one can have. */
async function project(t: TestContext) {
  const fixture = taskFixture(t)
  const write = (path: string, content: string | Uint8Array) => {
    const file = join(fixture.projectDir, path)
    mkdirSync(join(file, '..'), { recursive: true })
    writeFileSync(file, content)
    return file
  }
  write('cni/manifests/10-cni.yaml', `---\n# CNI\n---\n${daemonSet('image: "example.org/cni:1"')}`)
  write('cni/manifests/README.md', 'is no manifest')
  write('cni/images/cni.tar', await image('example.org/cni:1'))
  write('cni/cni.yaml', 'mounts: [bpf]\nmodules: [vxlan, ip_set]\n')
  chmodSync(write('cni/bin/my-cni', programFile('cni')), 0o644)
  write('cni/bin/script', '#!/bin/sh\n')
  const run = async (options: object) => {
    const output = join(fixture.projectDir, 'build/node-files')
    rmSync(output, { recursive: true, force: true })
    const given = fixture.context(v.parse(makeNodeFiles.schema, options), { outputs: [output] })
    const result = await makeNodeFiles.run(given)
    const list = () => (readdirSync(output, { recursive: true }) as string[]).sort()
    return { result, output, files: () => list().filter(path => statSync(join(output, path)).isFile()) }
  }
  /** What is said before anything starts. */
  const problems = async (options: object) => {
    const checked = await makeNodeFiles.check?.({
      with: v.parse(makeNodeFiles.schema, options),
      projectDir: fixture.projectDir,
      settings: new Map(),
      planned: [],
    })
    return (checked ?? []).map(({ message, try: mend }) => `${message}; ${mend}`)
  }
  const remove = (path: string) => rmSync(join(fixture.projectDir, path), { recursive: true })
  return { ...fixture, write, remove, run, problems }
}

test('without anything brought, the layer is empty', async t => {
  const { run, problems } = await project(t)
  for (const options of [{}, { cni: 'bridge', images: '' }, { cni: 'ptp' }]) {
    assert.deepEqual(await problems(options), [])
    const { result, files } = await run(options)
    assert.deepEqual(result, { ok: true, value: 'none' })
    assert.deepEqual(files(), [])
  }
})

test('a CNI: its manifests, its programs as such, and its images with their names', async t => {
  const { run, problems, write } = await project(t)
  write('more/tools.tar', await image('tools'))
  const options = { cni: './cni', images: 'more' }
  assert.deepEqual(await problems(options), [])
  const { result, output, files } = await run(options)
  assert.deepEqual(result, { ok: true, value: '1 manifest, 2 CNI programs, 2 image archives' })
  assert.deepEqual(files(), [
    'opt/cni/bin/my-cni',
    'opt/cni/bin/script',
    'usr/share/k8s-ha/cni/manifests/10-cni.yaml',
    'usr/share/k8s-ha/images/cni/1.names',
    'usr/share/k8s-ha/images/cni/1.tar',
    'usr/share/k8s-ha/images/more/1.names',
    'usr/share/k8s-ha/images/more/1.tar',
  ])
  assert.equal(statSync(join(output, 'opt/cni/bin/my-cni')).mode & 0o777, 0o755)
  const names = (folder: string) => readFileSync(join(output, `usr/share/k8s-ha/images/${folder}/1.names`), 'utf8')
  assert.equal(names('cni'), 'example.org/cni:1\n')
  assert.equal(names('more'), 'docker.io/library/tools:latest\n')
})

test('images alone, beside a CNI that is built in', async t => {
  const { run } = await project(t)
  const { result, files } = await run({ images: './cni/images' })
  assert.deepEqual(result, { ok: true, value: '1 image archive' })
  assert.deepEqual(files(), ['usr/share/k8s-ha/images/more/1.names', 'usr/share/k8s-ha/images/more/1.tar'])
})

test('a folder that is not there, or has no manifests', async t => {
  const { problems, remove } = await project(t)
  assert.deepEqual(await problems({ cni: './elsewhere' }), [
    'Cannot use the CNI "./elsewhere": there is no such folder; docs/cni.md says what belongs there',
  ])
  remove('cni/manifests/10-cni.yaml')
  const said =
    'Cannot use the CNI "./cni": it has no manifests; put what "kubectl apply" is to get into ./cni/manifests (*.yaml)'
  assert.deepEqual(await problems({ cni: './cni' }), [said])
  remove('cni/manifests')
  assert.deepEqual(await problems({ cni: './cni' }), [said])
})

/** Grows to 9 to the power of 9. */
const bomb = [...'abcdefghi']
  .map(
    (name, index) =>
      `${name}: &${name} [${Array(9)
        .fill(index === 0 ? 'x' : `*${'abcdefghi'[index - 1]}`)
        .join()}]\n`,
  )
  .join('')

test('manifests that are none', async t => {
  const { problems, write } = await project(t)
  for (const [text, said] of [
    ['a: [', /manifests\/20\.yaml: it is no YAML: /],
    ['# nothing\n', /manifests\/20\.yaml: it is empty; /],
    ['kind: Pod\n', /manifests\/20\.yaml: its object 1 has no apiVersion or no kind; /],
    ['<html>', /manifests\/20\.yaml: its object 1 has no apiVersion or no kind; /],
    ['['.repeat(20_000), /manifests\/20\.yaml: it is no YAML: /],
    [bomb, /manifests\/20\.yaml: it is no YAML: /],
  ] as const) {
    write('cni/manifests/20.yaml', text)
    const [first = '', ...others] = await problems({ cni: './cni' })
    assert.match(first, said)
    assert.deepEqual(others, [])
  }
})

test('programs for another architecture', async t => {
  const { problems, write } = await project(t)
  write('cni/bin/foreign', programFile('cni', otherMachine))
  const [said = ''] = await problems({ cni: './cni' })
  assert.match(said, /"\.\/cni": bin\/foreign: it is a program for the architecture \w+, and this machine's is \w+; /)
})

test('an archive that holds no images, of the CNI or others', async t => {
  const { problems, write, run } = await project(t)
  const broken = write('cni/images/broken.tar', '<html>Sign in</html>')
  const mend = 'keep nothing but image archives there, as docker save makes them'
  const said = (folder: string) =>
    `Cannot load the images of "${folder}/broken.tar": it is no tar archive, or it is cut short; ${mend}`
  assert.deepEqual(await problems({ cni: './cni' }), [said('cni/images')])
  assert.deepEqual(await problems({ images: './cni/images' }), [said('cni/images')])
  const { result } = await run({ images: './cni/images' })
  assert.ok(!result.ok && result.failure.kind === 'usage', `${broken} became an image after the check`)
})

test('a folder of images that is not there, or empty', async t => {
  const { problems, write, remove } = await project(t)
  const [missing = ''] = await problems({ images: 'elsewhere' })
  assert.match(missing, /^Cannot use the images of "elsewhere": there is no such folder; /)
  write('empty/a', '')
  remove('empty/a')
  const [empty = ''] = await problems({ images: 'empty' })
  assert.match(empty, /^Cannot use the images of "empty": it is empty; save images there: docker save /)
})

test('what cannot be read is an error, too: links that lead nowhere, a folder in place of a file', async t => {
  const { problems, remove, projectDir } = await project(t)
  for (const name of ['manifests/20.yaml', 'bin/link', 'images/link.tar'])
    symlinkSync('/nowhere', join(projectDir, 'cni', name))
  remove('cni/cni.yaml')
  mkdirSync(join(projectDir, 'cni/cni.yaml'))
  const said = await problems({ cni: './cni' })
  for (const [index, name] of ['manifests/20.yaml', 'bin/link', 'images/link.tar', 'cni.yaml'].entries())
    assert.match(said[index] ?? '', new RegExp(`${name}.*: it cannot be read: `), said.join('\n'))
  assert.equal(said.length, 4)
})

test('a link to a folder is no file, and a folder that is a file is none', async t => {
  const { problems, write, projectDir } = await project(t)
  symlinkSync(projectDir, join(projectDir, 'cni/images/more'))
  assert.deepEqual(await problems({ cni: './cni' }), [])
  write('file', 'x')
  assert.match((await problems({ cni: './file' })).join(), /^Cannot use the CNI "\.\/file": there is no such folder; /)
  assert.match(
    (await problems({ images: 'file' })).join(),
    /^Cannot use the images of "file": there is no such folder; /,
  )
})

test('an image that the pods of a CNI start, and no archive brings', async t => {
  const { problems, write } = await project(t)
  const wants = async (container: string, images = '') => {
    write('cni/manifests/20.yaml', daemonSet(container))
    const [said = ''] = await problems({ cni: './cni', images })
    return said
  }
  assert.match(
    await wants('image: "quay.io/cilium/cilium:v1"'),
    /the image "quay\.io\/cilium\/cilium:v1" of manifests\/20\.yaml is in no archive; docker save --output \.\/cni\/images\/cilium\.tar quay/,
  )
  assert.match(await wants('image: "example.org/cni:1@sha256:00"'), /is named by its digest, .*; name it by its tag/)
  const always = /would be pulled from a registry; set its imagePullPolicy to IfNotPresent$/
  assert.match(await wants('image: "example.org/cni:1", imagePullPolicy: Always'), always)
  write('more/tools.tar', await image('tools'))
  assert.match(await wants('image: tools', 'more'), always)
  assert.equal(await wants('image: tools, imagePullPolicy: IfNotPresent', 'more'), '')
  assert.equal(await wants('image: "k8s-ha.local/test-app:1"'), '')
})

test('what a CNI wants of the VMs, and what none of them can have', async t => {
  const { problems, write, remove, projectDir } = await project(t)
  assert.deepEqual(await readWants(projectDir, './cni'), { mounts: ['bpf'], modules: ['vxlan', 'ip_set'] })
  for (const [text, said] of [
    ['mounts: [nfs]\n', /cni\.yaml: mounts\.0: "nfs" is none of bpf; /],
    ['modules: ["../evil"]\n', /cni\.yaml: modules\.0: /],
    ['module: [vxlan]\n', /cni\.yaml: module: /],
    ['mounts: [', /cni\.yaml: it is no YAML: /],
  ] as const) {
    write('cni/cni.yaml', text)
    const [first = ''] = await problems({ cni: './cni' })
    assert.match(first, said)
  }
  write('cni/cni.yaml', '')
  assert.deepEqual(await readWants(projectDir, './cni'), { mounts: [], modules: [] })
  remove('cni/cni.yaml')
  assert.deepEqual(await readWants(projectDir, './cni'), { mounts: [], modules: [] })
})
