/** Values given to parameters reach programs, yet stand on no command line and in no file of the cache. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { runDeclared } from '../../src/sandbox/run-declared.ts'
import { type Extra, TestProject } from './project.ts'

const value = 'hush-hush'
/** Which processes show it, the looking one apart: what it looks for is not the text itself. */
const look = "grep -la 'hush[-]hush' /proc/[0-9]*/cmdline >"

const params = 'params: { token: { env: MY_TOKEN, default: "" } }\n'
const long = `: ${'x'.repeat(130 * 1024)}`

const ways: readonly {
  readonly name: string
  readonly tasks: string
  readonly extra?: Extra
  readonly needsRoot?: true
}[] = [
  {
    name: 'a plain script',
    tasks: `a: { run: "echo \${{ params.token }} > said; ${look} seen || true", outputs: [said, seen] }`,
  },
  {
    name: 'a script with variables',
    tasks: `a: { run: "echo \${{ params.token }} > said; ${look} seen || true", env: [HOME], outputs: [said, seen] }`,
  },
  {
    name: 'a long script',
    tasks: `a: { run: "echo \${{ params.token }} > said; ${look} seen || true; ${long}", env: [HOME], outputs: [said, seen] }`,
  },
  {
    name: 'a fingerprint command',
    tasks: `a: { run: "mv made-said said; mv made-seen seen", fingerprint: ["echo \${{ params.token }} > made-said; ${look} made-seen || true"], outputs: [said, seen] }`,
  },
  {
    name: 'a folder',
    tasks: `a: { run: "echo \${PWD##*/} > ../said; ${look} ../seen || true", dir: "\${{ params.token }}", env: [HOME], outputs: [said, seen] }`,
  },
  {
    name: 'arguments',
    tasks: `a: { run: "echo \\"$1\\" > said; ${look} seen || true", args: true, env: [HOME], outputs: [said, seen] }`,
    extra: { args: [value] },
  },
  {
    name: 'a sandboxed script',
    tasks: `a: { run: "echo \${{ params.token }} > said; ${look} seen || true", outputs: [said, seen] }`,
    extra: { verifyInputs: true, sandbox: { run: runDeclared } },
    needsRoot: true,
  },
]

for (const { name, tasks, extra, needsRoot } of ways)
  test(`${name} gets a value that no command line and no file of the cache shows`, {
    skip: needsRoot && process.getuid?.() !== 0 ? 'needs root' : false,
  }, async () => {
    using project = new TestProject()
    project.workflow(`${params}tasks:\n  ${tasks}\n`)
    project.write(`${value}/in`, '')
    const environment = { MY_TOKEN: value, HOME: '/root' }
    const { summary } = await project.run({ environment, ...extra })
    assert.equal(summary.status, 'passed', JSON.stringify(summary.tasks))
    assert.deepEqual([project.read('said'), project.read('seen')], [`${value}\n`, ''])
    assert.deepEqual(showing(project), [])
    const again = await project.run({ environment, ...extra })
    if (!extra?.verifyInputs) assert.equal(again.status.a, 'up-to-date')
  })

/** But for the result itself, which holds it on purpose. */
function showing({ cacheDir }: TestProject): readonly string[] {
  const files = readdirSync(cacheDir, { recursive: true, encoding: 'utf8' }).filter(path => !path.startsWith('blobs/'))
  return files.filter(
    path => statSync(join(cacheDir, path)).isFile() && readFileSync(join(cacheDir, path)).includes(value),
  )
}

test('a value is a variable of the script alone: what that starts does not get it', async () => {
  using project = new TestProject()
  project.workflow(
    `${params}tasks:\n  a: { run: "env > vars; echo \${{ params.token }}", env: [HOME], outputs: [vars] }\n`,
  )
  const { output } = await project.run({ environment: { MY_TOKEN: value } })
  assert.equal(output, `${value}\n`)
  assert.doesNotMatch(project.read('vars'), /hush/)
})

test('a kept workflow is found with the values that it was kept with, and with no others', async () => {
  using project = new TestProject()
  const run = `tasks:\n  a: { run: "echo \${{ params.token }}", env: [HOME], cache: false }\n`
  project.workflow(params + run)
  for (const token of ['one', 'two', 'one'])
    assert.equal((await project.run({ environment: { MY_TOKEN: token } })).output, `${token}\n`)
  for (const token of ['three', 'four'])
    assert.equal((await project.run({ set: new Map([['token', token]]) })).output, `${token}\n`)
})
