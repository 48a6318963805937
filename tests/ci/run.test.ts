/** .ci/run keeps builds where it finds or may make a cache, passes without, and ends as the tests do. */
import assert from 'node:assert/strict'
import { type SpawnSyncReturns, spawnSync } from 'node:child_process'
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'

/** Each writes its arguments and its cache into a file; `npm test` fails when it is told to. */
const noted = '#!/bin/sh\necho "$(basename "$0") $*, in ${K8S_HA_CACHE_DIR-}" >>"$CALLS"\n'
const programs = {
  'bin/npm': `${noted}[ "$1" != test ] || { test -d "$K8S_HA_CACHE_DIR" && exit "\${FAILS-0}"; }\n`,
  'bin/apt-get': noted,
  'checkout/k8s-ha': noted,
}

interface CiRun extends SpawnSyncReturns<string> {
  readonly calls: string
}

function prepare(context: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'k8s-ha-ci-'))
  context.after(() => rmSync(folder, { recursive: true, force: true }))
  for (const part of ['bin', 'checkout/.ci', 'home', 'tmp']) mkdirSync(join(folder, part), { recursive: true })
  cpSync(join(import.meta.dirname, '../../.ci/run'), join(folder, 'checkout/.ci/run'))
  for (const [path, text] of Object.entries(programs)) {
    writeFileSync(join(folder, path), text)
    chmodSync(join(folder, path), 0o755)
  }
  const calls = join(folder, 'calls')
  const run = (env: Readonly<Record<string, string>>): CiRun => {
    rmSync(calls, { force: true })
    const PATH = `${join(folder, 'bin')}:${process.env.PATH}`
    const options = { encoding: 'utf8', env: { PATH, CALLS: calls, TMPDIR: join(folder, 'tmp'), ...env } } as const
    const ran = spawnSync(join(folder, 'checkout/.ci/run'), options)
    return { ...ran, calls: readFileSync(calls, 'utf8') }
  }
  return { folder, run }
}

test('builds are kept in the folder that is set, else in the user’s cache folder', context => {
  const { folder, run } = prepare(context)
  const home = join(folder, 'home')
  const places: readonly (readonly [env: Readonly<Record<string, string>>, cache: string])[] = [
    [{ HOME: home }, 'home/.cache/k8s-ha'],
    [{ HOME: home, XDG_CACHE_HOME: join(folder, 'xdg') }, 'xdg/k8s-ha'],
    [{ HOME: home, XDG_CACHE_HOME: 'relative' }, 'home/.cache/k8s-ha'],
    [{ HOME: home, XDG_CACHE_HOME: join(folder, 'xdg'), K8S_HA_CACHE_DIR: join(folder, 'own') }, 'own'],
  ]
  for (const [env, cache] of places) {
    const { status, stdout, stderr, calls } = run(env)
    assert.equal(status, 0, stderr)
    assert.match(stdout, new RegExp(`^Builds are kept in ${join(folder, cache)}$`, 'm'))
    assert.match(calls, /^npm ci .*--ignore-scripts/m)
    assert.match(calls, new RegExp(`^npm test, in ${join(folder, cache)}$`, 'm'))
    assert.match(
      calls,
      new RegExp(`^k8s-ha cache prune --max-age \\S+ --max-size \\S+, in ${join(folder, cache)}$`, 'm'),
    )
    assert.ok(existsSync(join(folder, cache)))
  }
})

test('without a folder that can be written the tests run all the same, and nothing is left', context => {
  const { folder, run } = prepare(context)
  writeFileSync(join(folder, 'file'), '')
  for (const env of [{}, { K8S_HA_CACHE_DIR: join(folder, 'file/cache') }, { K8S_HA_CACHE_DIR: '/proc' }]) {
    const { status, stdout, stderr, calls } = run(env)
    assert.equal(status, 0, stderr)
    assert.match(stdout, /^Builds are not kept: cannot write to /m)
    const [, cache = ''] = /^npm test, in (.*)$/m.exec(calls) ?? []
    assert.ok(cache.startsWith(join(folder, 'tmp/')), calls)
    assert.ok(!existsSync(cache))
  }
})

test('when tests fail, so does the run, and the cache is pruned as well', context => {
  const { folder, run } = prepare(context)
  const { status, calls } = run({ HOME: join(folder, 'home'), FAILS: '7' })
  assert.equal(status, 7)
  assert.match(calls, /^k8s-ha cache prune /m)
})
