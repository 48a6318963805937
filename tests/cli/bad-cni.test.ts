/** A CNI or images that cannot be used are an error before anything starts, with the place, the reason and what mends it. */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { before, type TestContext, test } from 'node:test'
import { makeProject } from './project.ts'
import { run } from './run.ts'

before(() => run(['--version']))

const workflow = `params:
  cni: { default: ./cni, description: CNI }
  images: { default: "", description: images }
tasks:
  first: { run: "mkdir made", outputs: [made] }
  node-files:
    uses: make-node-files
    needs: [first]
    outputs: [files]
    with: { cni: "\${{ params.cni }}", images: "\${{ params.images }}" }
`
const pod = 'apiVersion: v1\nkind: Pod\nspec: { containers: [{ name: cni, image: "example.org/cni:1" }] }\n'

async function refused(context: TestContext, files: Readonly<Record<string, string>>, argv: readonly string[] = []) {
  const cwd = makeProject(context, { 'workflows/main.yaml': workflow, ...files })
  const { code, stderr } = await run(['flow', 'main', '--no-install', ...argv], { cwd })
  assert.equal(code, 2, stderr)
  assert.ok(!existsSync(join(cwd, 'made')), 'a task has run')
  assert.match(stderr, /^ {2}at: {4}workflows\/main\.yaml:10:\d+$/m)
  return stderr
}

test('a folder without manifests', async context => {
  const stderr = await refused(context, { 'cni/bin/script': '#!/bin/sh\n' })
  assert.match(stderr, /^error: Cannot use the CNI "\.\/cni": it has no manifests$/m)
  assert.match(stderr, /^ {2}try: {3}put what "kubectl apply" is to get into \.\/cni\/manifests \(\*\.yaml\)$/m)
})

test('all that is wrong with a folder, at once', async context => {
  const stderr = await refused(context, {
    'cni/manifests/10.yaml': pod,
    'cni/images/cni.tar': 'none',
    'cni/cni.yaml': 'mounts: [nfs]\n',
  })
  assert.match(stderr, /^error: Cannot load the images of "cni\/images\/cni\.tar": it is no tar archive, or /m)
  assert.match(stderr, /^error: Cannot use the CNI "\.\/cni": cni\.yaml: mounts\.0: "nfs" is none of bpf$/m)
  assert.match(
    stderr,
    /^error: Cannot use the CNI "\.\/cni": the image "example\.org\/cni:1" of manifests\/10\.yaml is in/m,
  )
})

test('images that are none', async context => {
  const argv = ['--set', 'cni=bridge', '--set', 'images=saved']
  const missing = await refused(context, {}, argv)
  assert.match(missing, /^error: Cannot use the images of "saved": there is no such folder$/m)
  const page = await refused(context, { 'saved/a.tar': '<html>Sign in</html>' }, argv)
  assert.match(page, /^error: Cannot load the images of "saved\/a\.tar": it is no tar archive, or it is cut short$/m)
})
