/** Mistakes in scenarios are told with their place before anything starts, whether a cluster could be started or not. */
import assert from 'node:assert/strict'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { before, type TestContext, test } from 'node:test'
import { makeProject } from './project.ts'
import { run } from './run.ts'

before(() => run(['--version']))

const head = `tasks:
  pki: { run: "mkdir pki", outputs: [pki] }
  overlay:
    uses: make-overlay
    needs: [pki]
    outputs: [o.tar, o.json]
    with:
      pki: pki
      cluster: { family: IPv4, etcd_vms: 193-195, lb_vms: 191 192, masters: 1-2, nvm: 3 }
  start:
    uses: start-cluster
    needs: [overlay]
    cache: false
    with: { cluster: c, overlay: overlay, layers: [root] }
  try:
    uses: run-scenario
    needs: [start]
    cache: false
    with:
      cluster: c
`
/** 20 lines come before what is given. */
const inline = (text: string) => head + text.replaceAll(/^/gm, '      ')
const steps = (...lines: readonly string[]) => ['steps:', ...lines.map(line => `  - ${line}`), ''].join('\n')

/** What is said on stderr; nothing may have been started, nor made. */
async function refused(context: TestContext, files: Readonly<Record<string, string>>): Promise<string> {
  const cwd = makeProject(context, files)
  const { code, stderr } = await run(['flow', 'main', '--no-install'], { cwd })
  assert.equal(code, 2, stderr)
  assert.ok(!existsSync(join(cwd, 'pki')), 'a task has run')
  const clusters = join(cwd, 'cache/clusters')
  assert.deepEqual(existsSync(clusters) ? readdirSync(clusters) : [], [])
  const dry = await run(['flow', 'main', '--no-install', '--dry-run'], { cwd })
  assert.equal(dry.code, 2, 'a dry run tells it, too')
  assert.equal(dry.stderr.replace(/^.*dry run\n/, ''), stderr.replace(/^main · .*\n/, ''))
  return stderr
}

const cases: readonly (readonly [what: string, text: string, ...said: readonly RegExp[]])[] = [
  [
    'an unknown VM',
    steps('stop: 199'),
    /cluster has no VM "199", only vm-001.*vm-195/,
    /at: +workflows\/main\.yaml:22:17/,
  ],
  ['a place in a role that is empty', steps('stop: worker 2'), /cluster has no VM "worker 2"/, /main\.yaml:22:17/],
  [
    'an unknown role',
    steps('{ each: masters, steps: [{ wait: 1 }] }'),
    /there is no role "masters": control-plane/,
    /main\.yaml:22:19/,
  ],
  ['an unknown fault', steps('explode: 193'), /a step is one of require, check, .*isolate/, /main\.yaml:22:11/],
  ['an unknown check', steps('check: api-wroks'), /there is no check "api-wroks": .*api-works/, /main\.yaml:22:18/],
  [
    'an unknown probe',
    `probes: [api-raed]\n${steps('wait: 1')}`,
    /there is no probe "api-raed": .*api-read/,
    /main\.yaml:21:15/,
  ],
  [
    'an unknown measure',
    `budgets: { wrties: 1 }\n${steps('wait: 1')}`,
    /there is no measure "wrties"/,
    /main\.yaml:21:/,
  ],
  ['an unknown limit', `budgets: { writes: vip-mvoe }\n${steps('wait: 1')}`, /vip-move/, /main\.yaml:21:26/],
  [
    'a budget that cannot hold',
    `budgets: { writes: { of: etcd-election, at-most: 0.2 } }\n${steps('wait: 1')}`,
    /A budget of 0\.2 s cannot hold: .*"etcd-election" takes 1 s at best/,
    /main\.yaml:21:/,
  ],
  ['a heal without a fault', steps('heal: 193'), /"heal" has nothing to undo/, /main\.yaml:22:17/],
  [
    'a service where it is not',
    steps('kill: { vm: etcd 1, service: haproxy }'),
    /no haproxy on such a VM/,
    /main\.yaml:22:17/,
  ],
  [
    'an expected reason that none is',
    `expect-caught: luck\n${steps('wait: 1')}`,
    /no scenario can fail because of "luck"/,
  ],
]

for (const [what, text, ...said] of cases)
  test(`${what} is an error with its place, exit code 2, and nothing is started`, async context => {
    const stderr = await refused(context, { 'workflows/main.yaml': inline(text) })
    for (const one of said) assert.match(stderr, one)
    assert.match(stderr, /at: +workflows\/main\.yaml:\d+:\d+\n/)
  })

test('all mistakes are told at once', async context => {
  const stderr = await refused(context, {
    'workflows/main.yaml': inline(steps('stop: 199', 'heal: 193')),
  })
  for (const line of [22, 23]) assert.match(stderr, new RegExp(`main\\.yaml:${line}:`))
})

test('a mistake in a scenario’s file is told at its place there', async context => {
  const stderr = await refused(context, {
    'workflows/main.yaml': inline('scenario: mine\n'),
    'workflows/scenarios/mine.yaml': 'description: mine\nsteps:\n  - stop: etcd 9\n  - heal: last\nbugdets: {}\n',
  })
  assert.match(stderr, /Unknown key "bugdets" in the scenario "mine"; did you mean "budgets"\?/)
  assert.match(stderr, /at: +workflows\/scenarios\/mine\.yaml:5:1\n/)
  const second = await refused(context, {
    'workflows/main.yaml': inline('scenario: mine\n'),
    'workflows/scenarios/mine.yaml': 'steps:\n  - stop: etcd 9\n  - heal: last\n',
  })
  assert.match(second, /cluster has no VM "etcd 9"/)
  assert.match(second, /mine\.yaml:2:11/)
  assert.match(second, /"heal" has nothing to undo/)
  assert.match(second, /mine\.yaml:3:11/)
})

test('an unknown scenario, and files that are none', async context => {
  const workflow = {
    'workflows/main.yaml': inline('scenario: mien\n'),
    'workflows/scenarios/mine.yaml': steps('wait: 1'),
  }
  assert.match(
    await refused(context, workflow),
    /There is no scenario "mien" in workflows\/scenarios; did you mean "mine"\?/,
  )
  const file = (text: string) =>
    refused(context, { 'workflows/main.yaml': inline('scenario: mine\n'), 'workflows/scenarios/mine.yaml': text })
  assert.match(await file(`${'['.repeat(20_000)}`), /Cannot read the scenario/)
  assert.match(await file('steps: &a [{ each: etcd, steps: *a }]\n'), /"\*a" stands inside of what it means/)
  assert.match(await file('steps: [{ wait: 1 }]\nsteps: []\n'), /The key "steps" is there twice/)
  assert.match(await file('- wait: 1\n'), /is a list: expected a mapping/)
  assert.match(await file(`# ${'x'.repeat(1024 * 1024)}\nsteps: []\n`), /larger than 1 MiB/)
  assert.match(await file(''), /steps/)
})
