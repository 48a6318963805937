/** Where programs of a version come from: places in order, their answers, and what is refused. */
import assert from 'node:assert/strict'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { poll } from '../../src/platform/poll.ts'
import fetchPrograms from '../../tasks/fetch-programs.ts'
import { goArchitecture } from '../../tasks/programs/architecture.ts'
import { programNames } from '../../tasks/programs/program-names.ts'
import { fetchFixture, sha256 } from './fetch-programs-fixture.ts'
import { httpServer, serve } from './http-server.ts'
import { httpsServer } from './https-server.ts'
import { otherMachine, programFile } from './program-file.ts'

const base = `/v1.36.3/bin/linux/${goArchitecture()}`
const programs = programNames.kubernetes.needed

test('official programs are fetched, verified and made executable', async t => {
  const { fetch, output, chosen, downloads } = fetchFixture(t)
  const url = await httpsServer(t, serve(release()))
  const result = await fetch('1.36.3', { url: `${url}/` })
  assert.deepEqual(result, { ok: true, value: `Kubernetes 1.36.3: official programs (${url}${base})` })
  assert.deepEqual(chosen(), { version: '1.36.3', origin: 'official' })
  const folder = join(output, 'programs')
  assert.deepEqual(readdirSync(folder).sort(), [...programs].sort())
  assert.deepEqual(readFileSync(join(folder, 'kubelet')), programFile('kubelet'))
  assert.equal(statSync(join(folder, 'kubelet')).mode & 0o777, 0o755)
  assert.deepEqual(downloads(), [])
})

test('a program that is not what its .sha256 says is refused with both digests, and nothing of it is kept', async t => {
  const { fetch, projectDir, downloads } = fetchFixture(t)
  const files = release()
  files.set(`${base}/kubelet`, 'tampered')
  const url = await httpsServer(t, serve(files))
  const result = await fetch('1.36.3', { url })
  assert.ok(!result.ok)
  assert.equal(result.failure.kind, 'environment')
  assert.equal(result.failure.message, 'Cannot get Kubernetes 1.36.3: no place has it')
  assert.deepEqual(result.failure.last?.split('\n'), [
    `official programs (${url}${base}): kubelet: refused, its SHA-256 is ${sha256('tampered')}, not ${sha256(programFile('kubelet'))}`,
    'Go modules: pinned are none; "node scripts/pin-modules.ts kubernetes 1.36.3" pins this one',
  ])
  assert.match(result.failure.try ?? '', /^--set kubernetes=/)
  assert.deepEqual(readdirSync(join(projectDir, 'build')), [])
  assert.deepEqual(
    downloads(),
    programs
      .slice(0, 3)
      .map(program => sha256(programFile(program)))
      .sort(),
  )
})

test('a version that is not there, and a digest that is none, are reported with the file', async t => {
  const { fetch } = fetchFixture(t)
  const url = await httpsServer(t, serve(new Map([[`${base}/kube-apiserver.sha256`, 'not a digest']])))
  const missing = await fetch('1.99.0', { url })
  assert.ok(!missing.ok)
  assert.match(missing.failure.last ?? '', /kube-apiserver\.sha256: HTTP status 404: there is no such version\n/)
  const garbled = await fetch('1.36.3', { url })
  assert.ok(!garbled.ok)
  assert.match(garbled.failure.last ?? '', /kube-apiserver\.sha256: it is not a SHA-256\n/)
})

test('the page of a proxy is not taken for a program or a digest', async t => {
  const { fetch, downloads } = fetchFixture(t)
  for (const suffix of ['.sha256', '']) {
    const files = release()
    const url = await httpsServer(t, (request, response) => {
      if (request.url !== `${base}/kube-apiserver${suffix}`) return serve(files)(request, response)
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' })
      response.end('<!doctype html><title>Log in</title>')
    })
    const result = await fetch('1.36.3', { url })
    assert.ok(!result.ok)
    assert.ok(
      result.failure.last?.includes(`kube-apiserver${suffix}: an HTML page instead of the file`),
      result.failure.last,
    )
  }
  assert.deepEqual(downloads(), [])
})

test('a download that breaks goes on where it broke', async t => {
  const { fetch, progress, arrived } = fetchFixture(t)
  const files = release()
  const ranges: (string | undefined)[] = []
  const url = await httpsServer(t, (request, response) => {
    if (request.url !== `${base}/kube-apiserver`) return serve(files)(request, response)
    ranges.push(request.headers.range)
    const content = Buffer.from(files.get(request.url) ?? '')
    const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0)
    response.writeHead(from > 0 ? 206 : 200, {
      'content-length': content.length - from,
      ...(from > 0 ? { 'content-range': `bytes ${from}-${content.length - 1}/${content.length}` } : {}),
    })
    if (ranges.length > 2) response.end(content.subarray(from))
    else {
      response.write(content.subarray(from, from + 10))
      void poll(
        async () => arrived(),
        size => size === from + 10,
        { everyMs: 5 },
      ).then(() => response.destroy())
    }
  })
  const result = await fetch('1.36.3', { url })
  assert.ok(result.ok)
  assert.deepEqual(ranges, [undefined, 'bytes=10-', 'bytes=20-'])
  assert.ok(progress.some(text => text.startsWith(`official programs (${url}${base}) · kube-apiserver (1 of 6) · `)))
})

test('what an interrupted run has fetched is not fetched again', async t => {
  const { fetch, arrived } = fetchFixture(t)
  const files = release()
  const asked: string[] = []
  const abort = new AbortController()
  const url = await httpsServer(t, (request, response) => {
    asked.push(`${request.url?.slice(base.length + 1)} ${request.headers.range ?? ''}`.trim())
    const isHalf = request.url === `${base}/kubelet` && request.headers.range === undefined
    if (!isHalf) {
      const content = Buffer.from(files.get(request.url ?? '') ?? '')
      const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0)
      if (from > 0)
        response.writeHead(206, { 'content-range': `bytes ${from}-${content.length - 1}/${content.length}` })
      return response.end(content.subarray(from))
    }
    response.writeHead(200)
    response.write(Buffer.from(files.get(request.url ?? '') ?? '').subarray(0, 12))
    void poll(
      async () => arrived(),
      size => size === 12,
      { everyMs: 5 },
    ).then(() => abort.abort())
  })
  const interrupted = await fetch('1.36.3', { url, signal: abort.signal })
  assert.ok(!interrupted.ok)
  assert.equal(interrupted.failure.kind, 'interrupted')
  asked.length = 0
  assert.ok((await fetch('1.36.3', { url })).ok)
  assert.deepEqual(
    asked.filter(one => !one.endsWith('.sha256')).map(one => one.replace(/=\d+/, '=…')),
    ['kubelet bytes=…-', 'kube-proxy', 'kubectl'],
  )
})

test('what an earlier run has left is thrown away when it is of another file', async t => {
  const { fetch, cacheDir } = fetchFixture(t)
  const files = release()
  mkdirSync(join(cacheDir, 'downloads'), { recursive: true })
  writeFileSync(join(cacheDir, 'downloads', `${sha256(programFile('kubelet'))}.part`), 'nonsense')
  const url = await httpsServer(t, (request, response) => {
    const content = Buffer.from(files.get(request.url ?? '') ?? '')
    const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0)
    if (from > 0) response.writeHead(206, { 'content-range': `bytes ${from}-${content.length - 1}/${content.length}` })
    response.end(content.subarray(from))
  })
  assert.ok((await fetch('1.36.3', { url })).ok)
})

test('a file that is cut short is not taken, whatever its server says', async t => {
  const { fetch, downloads } = fetchFixture(t)
  const files = release()
  const url = await httpsServer(t, (request, response) => {
    const content = Buffer.from(files.get(request.url ?? '') ?? '')
    response.end(request.url?.endsWith('.sha256') ? content : content.subarray(0, 10))
  })
  const result = await fetch('1.36.3', { url })
  assert.ok(!result.ok)
  assert.match(result.failure.last ?? '', /kube-apiserver: refused, its SHA-256 is [0-9a-f]{64}, not [0-9a-f]{64}\n/)
  assert.deepEqual(downloads(), [])
})

test('programs of another architecture, and what is no program, are refused', async t => {
  const { fetch, downloads } = fetchFixture(t)
  const other = release(program => programFile(program, program === 'kubelet' ? otherMachine : undefined))
  const wrong = await fetch('1.36.3', { url: await httpsServer(t, serve(other)) })
  assert.ok(!wrong.ok)
  assert.match(
    wrong.failure.last ?? '',
    /kubelet: refused, it is a program for the architecture \w+, and this machine's is /,
  )
  const script = release(program => Buffer.from(`#!/bin/sh\necho ${program}\n`))
  const none = await fetch('1.36.3', { url: await httpsServer(t, serve(script)) })
  assert.ok(!none.ok)
  assert.match(
    none.failure.last ?? '',
    /kube-apiserver: refused, it is no program for Linux: it begins with "#!\/bin\/sh/,
  )
  assert.deepEqual(downloads(), [])
})

test('own programs stay where they are, and their content counts', async t => {
  const { fetch, projectDir, chosen } = fetchFixture(t)
  const own = ownFolder(projectDir)
  assert.deepEqual(await fetch('./own'), { ok: true, value: `Kubernetes from ${own}` })
  assert.partialDeepStrictEqual(chosen(), {
    origin: 'folder',
    folder: own,
    programs: { kubelet: sha256(programFile('kubelet')) },
  })
})

test('a folder that lacks programs, or has those of another architecture, is refused with their names', async t => {
  const { fetch, projectDir } = fetchFixture(t)
  const own = ownFolder(projectDir)
  writeFileSync(join(own, 'kube-proxy'), programFile('kube-proxy', otherMachine))
  const other = await fetch(own)
  assert.ok(!other.ok)
  assert.equal(other.failure.kind, 'usage')
  assert.match(
    other.failure.message,
    /^Cannot use the programs in ".*": kube-proxy: it is a program for the architecture /,
  )
  chmodSync(join(own, 'kubectl'), 0o600)
  chmodSync(join(own, 'kubelet'), 0o600)
  const missing = await fetch(own)
  assert.ok(!missing.ok)
  assert.equal(
    missing.failure.message,
    `Cannot use the programs in "${own}": kubelet, kubectl are missing or not executable`,
  )
})

test('what cannot work is refused before anything starts', async () => {
  const made = 'build/kubernetes/root'
  const planned = [{ name: 'kubernetes', type: 'build-programs', with: {}, needs: [], outputs: [made] }]
  const problems = async (version: string, product: 'kubernetes' | 'etcd' = 'kubernetes', suite = 'trixie') =>
    fetchPrograms.check?.({
      with: { product, version, url: '', modules: 'modules' },
      projectDir: '/project',
      settings: new Map(),
      planned: [...planned, imageOf(suite)],
    })
  for (const own of ['./build/kubernetes/root/usr/bin', '/project/build/kubernetes/root'])
    assert.deepEqual(await problems(own), [
      {
        path: ['version'],
        message: `Cannot use the programs in "${own}": they are a task's own output "${made}"`,
        try: 'copy them to a folder elsewhere',
      },
    ])
  const refused = async (choice: string, product?: 'etcd') => {
    const [problem] = (await problems(choice, product)) ?? []
    return problem === undefined ? undefined : `${problem.message}; ${problem.try}`
  }
  assert.match(
    (await refused('latest')) ?? '',
    /^Cannot use "latest" as Kubernetes: it is neither a version like .* nor a path/,
  )
  assert.match((await refused('1.36')) ?? '', /^Cannot use "1\.36" as Kubernetes: .*; --set kubernetes=1\.\d+\.\d+$/)
  assert.match((await refused('v1.35.4')) ?? '', /; --set kubernetes=1\.35\.4$/)
  assert.match((await refused('1.19.16')) ?? '', /^Cannot use Kubernetes 1\.19\.16: it is too old; 1\.20 is the oldest/)
  assert.match((await refused('1.36.3;reboot')) ?? '', /neither a version/)
  assert.match((await refused('3.4.23', 'etcd')) ?? '', /^Cannot use etcd 3\.4\.23: it is too old; 3\.5 is the oldest/)
  for (const fine of ['1.20.2', '1.36.3', '1.40.0', 'default', './build/kubernetes/roots', '/elsewhere'])
    assert.deepEqual(await problems(fine), [])
  for (const fine of ['image', 'default', '3.6.16', './etcd']) assert.deepEqual(await problems(fine, 'etcd'), [])
  const [cannot] = (await problems('1.20.2', 'kubernetes', 'forky')) ?? []
  assert.match(
    cannot?.message ?? '',
    /^Cannot use Kubernetes 1\.20\.2: .* containerd 2\.1, which the VM image of Debian forky/,
  )
  assert.deepEqual(await problems('1.36.3', 'kubernetes', 'forky'), [])
})

const imageOf = (suite: string) => ({
  ...{ name: 'image', type: 'make-root', needs: [], outputs: ['build/image'] },
  with: { suite, packages: ['containerd'] },
})

function release(content: (program: string) => Buffer = program => programFile(program)): Map<string, string | Buffer> {
  return new Map<string, string | Buffer>(
    programs.flatMap(program => [
      [`${base}/${program}`, content(program)],
      [`${base}/${program}.sha256`, `${sha256(content(program))}\n`],
    ]),
  )
}

function ownFolder(projectDir: string): string {
  const own = join(projectDir, 'own')
  mkdirSync(own)
  for (const program of programs) writeFileSync(join(own, program), programFile(program), { mode: 0o755 })
  return own
}

test('only https is asked, and no redirection leads elsewhere', async t => {
  const { fetch, output } = fetchFixture(t)
  const files = serve(release())
  const plain = await httpServer(t, files)
  const secure = await httpsServer(t, files)
  const leadingTo = (target: string) =>
    httpsServer(t, (request, response) => response.writeHead(302, { location: `${target}${request.url}` }).end())
  const failureOf = async (url: string) => {
    const result = await fetch('1.36.3', { url })
    return result.ok ? '' : `${result.failure.message} ${result.failure.last}`
  }
  assert.match(await failureOf(plain), /refused: only https:\/\/ is asked/)
  assert.match(await failureOf(await leadingTo(plain)), /refused: it leads to http:\/\/127\.0\.0\.1/)
  assert.match(await failureOf(await leadingTo(await leadingTo(plain))), /refused: it leads to http:/)
  const circle: string = await httpsServer(t, (request, response) =>
    response.writeHead(307, { location: request.url }).end(),
  )
  assert.match(await failureOf(circle), /more than 10 redirections/)
  assert.equal(existsSync(join(output, 'chosen.json')), false)
  assert.equal((await fetch('1.36.3', { url: await leadingTo(secure) })).ok, true)
})
