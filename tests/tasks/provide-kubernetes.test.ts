import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { arch } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { programs } from '../../tasks/kubernetes/build-script.ts'
import provideKubernetes from '../../tasks/provide-kubernetes.ts'
import { httpServer, serve } from './http-server.ts'
import { taskFixture } from './task-fixture.ts'

const base = `/v1.31.0/bin/linux/${arch() === 'x64' ? 'amd64' : arch()}`

test('official programs are fetched, verified, and made executable', async t => {
  const { provide, output } = fixture(t)
  const result = await provide('1.31.0', `${await httpServer(t, serve(release()))}/`)
  assert.deepEqual(result, { ok: true, value: '6 programs, official v1.31.0' })
  const folder = join(output, 'usr/bin')
  assert.deepEqual(readdirSync(folder).sort(), [...programs].sort())
  assert.equal(readFileSync(join(folder, 'kubelet'), 'utf8'), 'program kubelet')
  assert.equal(statSync(join(folder, 'kubelet')).mode & 0o777, 0o755)
})

test('a program that is not what its .sha256 says is refused, and nothing is kept', async t => {
  const { provide, output, projectDir } = fixture(t)
  const files = release()
  files.set(`${base}/kubelet`, 'tampered')
  const url = await httpServer(t, serve(files))
  const result = await provide('1.31.0', url)
  assert.ok(!result.ok)
  assert.equal(result.failure.message, `Cannot fetch Kubernetes 1.31.0: ${url}${base}/kubelet`)
  assert.equal(result.failure.last, `refused, its SHA-256 is ${sha256('tampered')}, not ${sha256('program kubelet')}`)
  assert.deepEqual(readdirSync(join(projectDir, 'build')), [], output)
})

test('a version that is not there, and a digest that is none, say which address', async t => {
  const { provide } = fixture(t)
  const url = await httpServer(t, serve(new Map([[`/v1.0.1${base.slice(8)}/kube-apiserver.sha256`, '<html>']])))
  const missing = await provide('1.31.0', url)
  assert.ok(!missing.ok)
  assert.equal(missing.failure.last, `${url}${base}/kube-apiserver.sha256: HTTP status 404`)
  const garbled = await provide('1.0.1', url)
  assert.ok(!garbled.ok)
  assert.match(garbled.failure.last ?? '', /kube-apiserver\.sha256: it is not a SHA-256$/)
})

test('the programs of a folder are copied', async t => {
  const { provide, output, projectDir } = fixture(t)
  const own = join(projectDir, 'own')
  mkdirSync(own)
  for (const program of programs) writeFileSync(join(own, program), program, { mode: 0o700 })
  assert.deepEqual(await provide('./own'), { ok: true, value: `6 programs from ${own}` })
  assert.equal(readFileSync(join(output, 'usr/bin/kubectl'), 'utf8'), 'kubectl')
  assert.equal(statSync(join(output, 'usr/bin/kubectl')).mode & 0o777, 0o755)
})

test('a folder that lacks programs is refused with their names', async t => {
  const { provide, projectDir } = fixture(t)
  const own = join(projectDir, 'own')
  mkdirSync(own)
  for (const program of programs.slice(1)) writeFileSync(join(own, program), program, { mode: 0o700 })
  chmodSync(join(own, 'kubectl'), 0o600)
  const result = await provide(own)
  assert.ok(!result.ok)
  assert.equal(
    result.failure.message,
    `Cannot use the programs in "${own}": kube-apiserver, kubectl are missing or not executable`,
  )
})

test('programs that the task itself has made are refused before they are removed', () => {
  const made = 'build/kubernetes/root'
  const planned = [{ name: 'kubernetes', type: 'provide-kubernetes', with: {}, needs: [], outputs: [made] }]
  const problems = (kubernetes: string) =>
    provideKubernetes.check?.({
      with: { kubernetes, url: '', root: '', source: '' },
      projectDir: '/project',
      settings: new Map(),
      planned,
    })
  for (const own of ['./build/kubernetes/root/usr/bin', '/project/build/kubernetes/root'])
    assert.deepEqual(problems(own), [
      {
        path: ['kubernetes'],
        message: `Cannot use the programs in "${own}": they are this task's own output "${made}"`,
        try: 'copy them to a folder elsewhere',
      },
    ])
  for (const other of ['1.20.2', './build/kubernetes/roots', '/elsewhere']) assert.deepEqual(problems(other), [])
})

test('what is neither a version nor a path is a usage error', async t => {
  const { provide } = fixture(t)
  const result = await provide('latest')
  assert.ok(!result.ok)
  assert.equal(result.failure.kind, 'usage')
})

function release(): Map<string, string> {
  return new Map(
    programs.flatMap(program => [
      [`${base}/${program}`, `program ${program}`],
      [`${base}/${program}.sha256`, sha256(`program ${program}`)],
    ]),
  )
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

function fixture(t: TestContext) {
  const { projectDir, context } = taskFixture(t)
  const output = join(projectDir, 'build/root')
  return {
    projectDir,
    output,
    provide: (kubernetes: string, url = 'http://127.0.0.1:1') =>
      provideKubernetes.run(context({ kubernetes, url, root: 'go-root', source: 'source' }, { outputs: [output] })),
  }
}
