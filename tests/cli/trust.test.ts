/** A clone says once, by name, that it may name a remote, unpack roots and run fingerprint commands; own projects do not. */
import assert from 'node:assert/strict'
import { chownSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, type TestContext, test } from 'node:test'
import { makeProject } from './project.ts'
import { run, type Seen } from './run.ts'

before(() => run(['--version']))

const commands = 'tasks:\n  a: { run: "echo > o", fingerprint: ["echo >> ran"], outputs: [o] }\n'
const config = (url: string) => `[core]\n\tbare = false\n[remote "origin"]\n\turl = ${url}\n\tfetch = +refs\n`

interface Place {
  readonly cwd: string
  k8sHa(...argv: readonly string[]): Promise<Seen>
  with(env: Readonly<Record<string, string>>): (...argv: readonly string[]) => Promise<Seen>
}

/** `git`: the files of a working copy, if it is one. Each has a home of its own. */
function place(context: TestContext, files: Readonly<Record<string, string>> = {}): Place {
  const cwd = makeProject(context, { 'workflows/a.yaml': commands, ...files })
  const home = { HOME: makeProject(context, {}) }
  const using =
    (env: Readonly<Record<string, string>>) =>
    (...argv: readonly string[]) =>
      run(argv, { cwd, env: { ...home, ...env } })
  return { cwd, k8sHa: using({}), with: using }
}

const clone = { '.git/config': config('https://me:hush@git.example.org/their/project.git') }

test('a clone with fingerprint commands is refused, says why, and runs once it is trusted', async context => {
  const { cwd, k8sHa } = place(context, clone)
  for (const argv of [
    ['flow', 'a'],
    ['flow', 'a', '-n', '--run-fingerprints'],
    ['why', 'a', '--run-fingerprints'],
  ]) {
    const refused = await k8sHa(...argv)
    assert.equal(refused.code, 2)
    assert.equal(
      refused.stderr,
      `error: Cannot run a project that was not trusted yet: it came from https://…@git.example.org/their/project.git
  last:  it wants fingerprint commands, as those of "a" (workflows/a.yaml:2:3)
  try:   k8s-ha trust   once, when you know what it does; in CI: K8S_HA_TRUST=1
`,
    )
  }
  assert.equal(existsSync(join(cwd, 'ran')), false)
  assert.equal((await k8sHa('flow', 'a', '-n')).code, 0, 'what runs nothing needs no trust')
  assert.equal((await k8sHa('flow', 'compile')).code, 0, 'nor does what wants nothing')
  assert.equal((await k8sHa('trust')).stdout, `trusted: ${cwd}\n`)
  assert.equal((await k8sHa('trust', '--list')).stdout, `${cwd}\n`)
  assert.equal((await k8sHa('flow', 'a')).code, 0)
  assert.equal((await k8sHa('trust', cwd, '--remove')).stdout, `no longer trusted: ${cwd}\n`)
  assert.equal((await k8sHa('flow', 'a')).code, 2)
})

test('in CI, K8S_HA_TRUST=1 says so, for every project', async context => {
  const { with: using } = place(context, clone)
  assert.equal((await using({ CI: 'true' })('flow', 'a')).code, 2)
  assert.equal((await using({ CI: 'true', K8S_HA_TRUST: '1' })('flow', 'a')).code, 0)
})

for (const [what, files] of [
  ['no working copy', {}],
  ['a repository without another', { '.git/config': '[core]\n\tbare = false\n' }],
] as const)
  test(`the user’s own project is never asked about: ${what}`, async context => {
    assert.equal((await place(context, files).k8sHa('flow', 'a')).code, 0)
  })

for (const [what, files] of [
  [
    'a worktree',
    {
      '.git': 'gitdir: main/worktrees/x\n',
      'main/worktrees/x/commondir': '../..\n',
      'main/config': config('/srv/git'),
    },
  ],
  ['a submodule', { '.git': 'gitdir: modules/x\n', 'modules/x/config': config('../x') }],
  ['Mercurial', { '.hg/hgrc': '[paths]\ndefault = https://hg.example.org/x\n' }],
] as const)
  test(`a clone is known in whatever way it is one: ${what}`, async context => {
    assert.match((await place(context, files).k8sHa('flow', 'a')).stderr, /not trusted yet: it came from /)
  })

test('a clone’s remote cache is not asked before it is trusted, and another one not before it is again', async context => {
  const remote = makeProject(context, {})
  const shared = (folder: string) => `cache: { remote: ${folder}, remote-policy: read-write }\n`
  const { cwd, k8sHa } = place(context, { ...clone, 'k8s-ha.yaml': shared(remote) })
  const planned = await k8sHa('flow', 'compile', '-n')
  assert.match(
    planned.stderr,
    /warning: The remote cache .* of k8s-ha\.yaml is not asked: this project was not trusted yet\n/,
  )
  const refused = await k8sHa('flow', 'compile')
  assert.match(refused.stderr, new RegExp(`it wants the remote cache ${remote}\n`))
  assert.equal(existsSync(join(remote, 'k8s-ha')), false)
  assert.equal((await k8sHa('trust')).stdout, `trusted: ${cwd}, with the remote cache ${remote}\n`)
  assert.equal((await k8sHa('flow', 'compile')).code, 0)
  assert.equal(existsSync(join(remote, 'k8s-ha')), true)
  writeFileSync(join(cwd, 'k8s-ha.yaml'), shared(makeProject(context, {})))
  assert.equal((await k8sHa('flow', 'compile')).code, 2)
})

test('a clone with a sandbox root is refused, too', async context => {
  const root = 'root: { run: "tar -cf root.tar -T /dev/null", outputs: [root.tar] }'
  const sandboxed = 'b: { run: "echo > o", sandbox: { root: root }, outputs: [o] }'
  const { k8sHa } = place(context, { ...clone, 'workflows/b.yaml': `tasks:\n  ${root}\n  ${sandboxed}\n` })
  const { code, stderr } = await k8sHa('flow', 'b')
  assert.match(stderr, /it wants sandbox roots, as that of "b" \(workflows\/b\.yaml:3:3\)\n/)
  assert.equal(code, 2)
})

test('who makes a project in a clone has said so already', async context => {
  const { cwd, k8sHa } = place(context, clone)
  for (const name of ['k8s-ha.yaml', 'workflows']) rmSync(join(cwd, name), { recursive: true })
  assert.equal((await k8sHa('init')).code, 0)
  writeFileSync(join(cwd, 'workflows/a.yaml'), commands)
  assert.equal((await k8sHa('flow', 'a')).code, 0)
})

test('a project of which files belong to another user is not the user’s own', {
  skip: process.getuid?.() === 0 ? false : 'needs root',
}, async context => {
  const { cwd, k8sHa, with: using } = place(context)
  chownSync(join(cwd, 'workflows/a.yaml'), 65_534, 65_534)
  assert.equal((await k8sHa('flow', 'a')).code, 2)
  assert.equal((await using({ SUDO_UID: '65534' })('flow', 'a')).code, 0, 'root works for that user')
  assert.match(readFileSync(join(cwd, 'ran'), 'utf8'), /^\n/)
})
