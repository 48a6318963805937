/** The place "Go modules", with a stand-in for `go` on a small root: what it is given, and what becomes of its answers. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { goRoot } from '../../tasks/programs/go-root.ts'
import { rootFile } from '../../tasks/programs/kept-root.ts'
import { fetchFixture } from './fetch-programs-fixture.ts'
import { httpServer } from './http-server.ts'
import { makeSmallRoot } from './small-root.ts'

/** Does what `go mod vendor` does for the one module x.local/m, and speaks as it does. */
const standIn = `#!/bin/bash
[ "$*" = "mod vendor" ] && [ -s go.mod ] && [ -s go.sum ] || exit 9
zip=x.local/m/@v/v1.0.0.zip
mkdir -p vendor "$GOMODCACHE"
echo "GOPROXY=$GOPROXY GOPRIVATE=$GOPRIVATE GOFLAGS=$GOFLAGS GOTOOLCHAIN=$GOTOOLCHAIN" >&2
refuse() { echo "go: x.local/m/pkg: x.local/m@v1.0.0: reading $GOPROXY/$zip: $1" >&2; exit 1; }
if [ ! -e "$GOMODCACHE/m.zip" ]; then
	echo "go: downloading x.local/m v1.0.0" >&2
	case $GOPROXY in
	file://*) cp "\${GOPROXY#file://}/$zip" "$GOMODCACHE/m.zip" 2>/dev/null || refuse 'no such file or directory' ;;
	http://*)
		host=\${GOPROXY#http://*@} host=\${host#http://}
		exec 3<>"/dev/tcp/\${host%:*}/\${host#*:}"
		printf 'GET /%s HTTP/1.0\\r\\n\\r\\n' "$zip" >&3
		read -r _ status reason <&3
		[ "$status" = 200 ] || refuse "$status \${reason%$'\\r'}"
		cat <&3 >"$GOMODCACHE/m.zip" ;;
	esac
fi
cp "$GOMODCACHE/m.zip" vendor/m
`

test('modules are downloaded by the settings of this machine, and archived with the same bytes each time', async t => {
  const { fetch, output, chosen, cacheDir, progress, logOf } = fixture(t)
  const proxy = moduleProxy(t)
  setEnvironment(t, { GOPROXY: `file://${proxy},direct`, GOPRIVATE: 'own.local', GOFLAGS: '-modcacherw' })
  const result = await fetch('1.36.3')
  assert.ok(result.ok, JSON.stringify(result))
  assert.match(
    result.value ?? '',
    /^Kubernetes 1\.36\.3: Go modules · official programs \(.*\): kube-apiserver\.sha256: /,
  )
  assert.deepEqual(chosen(), { version: '1.36.3', origin: 'modules' })
  const archive = readFileSync(join(output, 'modules.tar.gz'))
  assert.deepEqual(
    execFileSync('tar', ['-tzf', join(output, 'modules.tar.gz')], { encoding: 'utf8' })
      .trim()
      .split('\n'),
    ['go.mod', 'go.sum', 'vendor/', 'vendor/m'],
  )
  assert.ok(existsSync(join(output, 'root.tar.zst')))
  assert.deepEqual(readdirSync(join(cacheDir, 'go-modules')), [], 'what a complete download had is not kept twice')
  assert.ok(progress.includes('Go modules · 1 of 1 downloaded'))
  // Version control is not tried: an answer of the proxy would be hidden by it.
  assert.ok(
    logOf().includes(`GOPROXY=file://${proxy} GOPRIVATE=own.local GOFLAGS=-modcacherw GOTOOLCHAIN=local\n`),
    logOf(),
  )
  const again = fixture(t)
  assert.ok((await again.fetch('1.36.3')).ok)
  assert.deepEqual(readFileSync(join(again.output, 'modules.tar.gz')), archive)
})

test('a module that the proxy refuses is named, with what the proxy said and without its password', async t => {
  const { fetch, output } = fixture(t)
  const url = await httpServer(t, (_, response) => response.writeHead(403, 'Forbidden').end('blocked by policy'))
  setEnvironment(t, { GOPROXY: url.replace('http://', 'http://user:secret@') })
  const result = await fetch('1.36.3')
  assert.ok(!result.ok)
  assert.equal(result.failure.kind, 'environment')
  const answer = result.failure.last?.split('\n')[1] ?? ''
  assert.ok(answer.startsWith('Go modules: x.local/m@v1.0.0: reading http://***@'), answer)
  assert.ok(answer.endsWith('/x.local/m/@v/v1.0.0.zip: 403 Forbidden'), answer)
  assert.equal(existsSync(output), false)
})

test('a download that broke is tried again', async t => {
  const { fetch } = fixture(t)
  let asked = 0
  const url = await httpServer(t, (_, response) => {
    if (++asked < 3) response.writeHead(502, 'Bad Gateway')
    response.end('module')
  })
  setEnvironment(t, { GOPROXY: url })
  assert.ok((await fetch('1.36.3')).ok)
  assert.equal(asked, 3)
})

test('a machine that is set up to download nothing is asked for nothing', async t => {
  const { fetch } = fixture(t)
  const answerTo = async (proxy: string) => {
    setEnvironment(t, { GOPROXY: proxy })
    const result = await fetch('1.36.3')
    return result.ok ? undefined : result.failure.last?.split('\n')[1]
  }
  assert.equal(await answerTo('off'), 'Go modules: GOPROXY=off: this machine is set up to download no modules')
  assert.match((await answerTo('direct')) ?? '', /^Go modules: GOPROXY=direct names no module proxy/)
})

test('the file of "go env -w" counts, and the environment counts more', async t => {
  const { fetch, projectDir } = fixture(t)
  const goenv = join(projectDir, 'goenv')
  writeFileSync(goenv, 'GOPROXY=off\nGOFLAGS=-buildvcs=false\n')
  setEnvironment(t, { GOENV: goenv, GOPROXY: undefined })
  const result = await fetch('1.36.3')
  assert.ok(!result.ok && result.failure.last?.includes('GOPROXY=off: this machine'))
  setEnvironment(t, { GOENV: goenv, GOPROXY: `file://${moduleProxy(t)}` })
  assert.ok((await fetch('1.36.3')).ok)
})

test('a version that is not pinned names those that are, and how to pin one', async t => {
  const { fetch, pin } = fixture(t)
  pin('1.9', 'module m\n\ngo 1.26.0\n\nrequire k8s.io/kubernetes v1.9.1 // indirect\n')
  for (const version of ['1.36.9', '1.40.0']) {
    const result = await fetch(version)
    assert.ok(!result.ok)
    assert.equal(
      result.failure.last?.split('\n')[1],
      `Go modules: pinned are 1.9.1, 1.36.3; "node scripts/pin-modules.ts kubernetes ${version}" pins this one`,
    )
  }
})

test('a Go that no root has is reported', async t => {
  const { fetch, pin } = fixture(t)
  pin('1.50', 'module m\n\ngo 1.99.0\n\nrequire k8s.io/kubernetes v1.50.0 // indirect\n')
  const result = await fetch('1.50.0')
  assert.ok(!result.ok)
  assert.match(result.failure.last ?? '', /Go modules: it is built with Go 1\.99, which is in no suite/)
})

function fixture(t: TestContext) {
  const found = fetchFixture(t)
  found.pin('1.36', 'module m\n\ngo 1.26.0\n\nrequire (\n\tk8s.io/kubernetes v1.36.3 // indirect\n)\n')
  const root = goRoot('1.26')
  assert.ok(root)
  const programs = ['bash', 'cat', 'chroot', 'cp', 'env', 'gzip', 'mkdir', 'rmdir', 'tar']
  makeSmallRoot(rootFile(root, found.cacheDir), programs, { 'usr/lib/go-1.26/bin/go': standIn })
  return { ...found, logOf: () => readFileSync(join(found.projectDir, 'log/build.log'), 'utf8') }
}

/** A folder as GOPROXY=file://… wants it. */
function moduleProxy(t: TestContext): string {
  const { projectDir } = fetchFixture(t)
  const folder = join(projectDir, 'proxy')
  mkdirSync(join(folder, 'x.local/m/@v'), { recursive: true })
  writeFileSync(join(folder, 'x.local/m/@v/v1.0.0.zip'), 'module')
  return folder
}

function setEnvironment(t: TestContext, variables: Readonly<Record<string, string | undefined>>): void {
  for (const [name, value] of Object.entries(variables)) {
    const before = process.env[name]
    t.after(() => set(name, before))
    set(name, value)
  }
}

function set(name: string, value: string | undefined): void {
  if (value === undefined) delete process.env[name]
  else process.env[name] = value
}
