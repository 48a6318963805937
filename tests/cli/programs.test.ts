/** The flow that provides Kubernetes, as a user runs it: what is refused, what is reported, and what is not done again. */
import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, type TestContext, test } from 'node:test'
import { goArchitecture } from '../../tasks/programs/architecture.ts'
import { programNames } from '../../tasks/programs/program-names.ts'
import { sha256 } from '../tasks/fetch-programs-fixture.ts'
import { serve } from '../tasks/http-server.ts'
import { authorityFile, httpsServer } from '../tasks/https-server.ts'
import { programFile } from '../tasks/program-file.ts'
import { makeProject } from './project.ts'
import { run } from './run.ts'

before(() => run(['--version']))

const root = join(import.meta.dirname, '../..')
const programs = programNames.kubernetes.needed

test('a version that cannot be used is refused with its place, and nothing is fetched', async t => {
  const { flow, cwd } = project(t)
  const old = await flow('1.19.16')
  assert.equal(old.code, 2, old.stderr)
  assert.match(
    old.stderr,
    /^error: Cannot use Kubernetes 1\.19\.16: it is too old; 1\.20 is the oldest that is known here\n/m,
  )
  assert.match(old.stderr, /kubernetes-build\.yaml:\d+:\d+/)
  const garbage = await flow('newest')
  assert.equal(garbage.code, 2)
  assert.match(
    garbage.stderr,
    /Cannot use "newest" as Kubernetes: .*\n(?:.*\n)*? *try: +--set kubernetes=1\.\d+\.\d+\n/,
  )
  assert.equal(existsSync(join(cwd, 'build')), false)
})

test('a version that no place has ends the flow with code 3 and what each place answered', async t => {
  const { flow } = project(t)
  const url = await httpsServer(t, serve(new Map()))
  const { code, stderr } = await flow('1.36.3', { url, env: { GOPROXY: 'off' } })
  assert.equal(code, 3, stderr)
  assert.match(stderr, /error: Cannot get Kubernetes 1\.36\.3: no place has it\n/)
  assert.match(
    stderr,
    /official programs \(https:.*\): kube-apiserver\.sha256: HTTP status 404: there is no such version\n/,
  )
  assert.match(stderr, /Go modules: GOPROXY=off: this machine is set up to download no modules\n/)
})

test('official programs become the layer of VMs; nothing is asked for again', async t => {
  const { flow, cwd } = project(t)
  const base = `/v1.36.3/bin/linux/${goArchitecture()}`
  const files = new Map<string, string | Buffer>(
    programs.flatMap(program => [
      [`${base}/${program}`, programFile(program)],
      [`${base}/${program}.sha256`, sha256(programFile(program))],
    ]),
  )
  let asked = 0
  const url = await httpsServer(t, (request, response) => {
    asked++
    serve(files)(request, response)
  })
  const first = await flow('1.36.3', { url })
  assert.equal(first.code, 0, first.stderr)
  assert.match(first.stderr, /Kubernetes 1\.36\.3: official programs/)
  assert.deepEqual(readFileSync(join(cwd, 'build/kubernetes/root/usr/bin/kubelet')), programFile('kubelet'))
  assert.equal(asked, 12)
  const second = await flow('1.36.3', { url })
  assert.match(second.stdout, /2 tasks up to date/)
  assert.equal(asked, 12)
})

test('own programs are copied again when one changes', async t => {
  const { flow, cwd } = project(t)
  const own = join(cwd, 'own')
  mkdirSync(own)
  for (const program of programs) writeFileSync(join(own, program), `#!/bin/sh\n# ${program}\n`, { mode: 0o755 })
  const first = await flow('./own')
  assert.equal(first.code, 0, first.stderr)
  assert.match((await flow('./own')).stdout, /2 tasks up to date/)
  writeFileSync(join(own, 'kubectl'), '#!/bin/sh\n# another\n')
  assert.match((await flow('./own')).stdout, /2 executed/)
  assert.equal(readFileSync(join(cwd, 'build/kubernetes/root/usr/bin/kubectl'), 'utf8'), '#!/bin/sh\n# another\n')
})

interface Flow {
  readonly url?: string
  readonly env?: Readonly<Record<string, string>>
}

/** The shipped flow in a project of the test's own. */
function project(t: TestContext) {
  const cwd = makeProject(t, {
    ...Object.fromEntries(
      ['kubernetes-build.yaml', 'parts/kubernetes-version.yaml'].map(name => [
        `workflows/${name}`,
        readFileSync(join(root, 'workflows', name), 'utf8'),
      ]),
    ),
  })
  const trusting = { NODE_EXTRA_CA_CERTS: authorityFile(t) }
  return {
    cwd,
    flow: (version: string, { url = 'https://127.0.0.1:1', env = {} }: Flow = {}) =>
      run(['flow', 'kubernetes-build', '--set', `kubernetes=${version}`, '--set', `kubernetes_url=${url}`], {
        cwd,
        env: { ...trusting, ...env },
      }),
  }
}
