/** k8s-ha logs: what a task printed, byte by byte, also of one that is up to date; init: the first workflow. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { makeProject } from './project.ts'
import { launcher, run, start, userEnv } from './run.ts'

const noisy = 'tasks: { warn: { run: "echo a warning >&2; touch out", inputs: [src/a.txt], outputs: [out] } }\n'

describe('logs', () => {
  test('shows what the latest run of a task printed, from the run that made its result', async context => {
    const cwd = makeProject(context, { 'workflows/warn.yaml': noisy })
    await run(['flow', 'warn'], { cwd })
    const first = await run(['logs', 'warn'], { cwd })
    assert.deepEqual([first.code, first.stdout, first.stderr], [0, 'a warning\n', ''])
    await run(['flow', 'warn'], { cwd })
    const second = await run(['logs', 'warn'], { cwd })
    assert.equal(second.stdout, 'a warning\n')
    assert.match(second.stderr, /^printed in the run \d{8}-\d{6}\n$/)
    const [, latest = ''] = (await run(['runs', '--json'], { cwd })).stdout.split('\n')
    const { run: name }: { run: string } = JSON.parse(latest)
    assert.equal((await run(['logs', name, 'warn'], { cwd })).stdout, 'a warning\n')
    assert.match((await run(['flow', 'warn', '-v'], { cwd })).stderr, /warn │ a warning\n/)
    rmSync(join(cwd, 'out'))
    const restored = await run(['flow', 'warn', '-v'], { cwd })
    assert.match(restored.stderr, /warn │ a warning\n.*warn .*restored/)
  })

  test('prints bytes as they are', async context => {
    const cwd = makeProject(context, {
      'workflows/bytes.yaml': 'tasks: { bytes: { run: "printf \'\\\\377\\\\000\\\\303\'", cache: false } }\n',
    })
    await run(['flow', 'bytes'], { cwd })
    const { stdout } = spawnSync(launcher, ['logs', 'bytes'], { cwd, env: userEnv() })
    assert.deepEqual([...stdout], [0xff, 0, 0xc3])
  })

  test('follows a task until it ends', async context => {
    const cwd = makeProject(context, {
      'workflows/slow.yaml':
        'tasks: { slow: { run: "echo begun; until test -e go; do sleep 0.02; done; echo done", cache: false } }\n',
    })
    const running = start(['flow', 'slow', '-v'], { cwd })
    await running.stderrHas('slow │ begun')
    const following = start(['logs', 'slow', '--follow'], { cwd })
    let seen = ''
    await new Promise<void>(resolve =>
      following.child.stdout?.on('data', (text: string) => {
        seen += text
        if (seen.includes('begun\n')) resolve()
      }),
    )
    writeFileSync(join(cwd, 'go'), '')
    assert.equal((await following.ended).stdout, 'begun\ndone\n')
    assert.equal((await running.ended).code, 0)
  })

  test('of what there is none says why', async context => {
    const cwd = makeProject(context, {})
    await run(['flow', 'compile'], { cwd })
    const seen = async (...argv: string[]) => {
      const { code, stdout, stderr } = await run(['logs', ...argv], { cwd })
      assert.equal(stdout, '')
      return `${code} ${stderr}`
    }
    assert.match(await seen('compil'), /^2 error: Cannot find the task "compil".*did you mean "compile"\?/)
    assert.match(await seen('2020', 'compile'), /^2 error: Unknown run "2020"/)
    assert.match(await seen(), /^2 error: Missing argument "task"/)
    assert.equal(await seen('compile'), '0 "compile" printed nothing\n')
    await run(['flow', 'compile'], { cwd })
    const [made = ''] = (await run(['runs', '--json'], { cwd })).stdout.split('\n')
    const { runDir }: { runDir: string } = JSON.parse(made)
    rmSync(runDir, { recursive: true })
    assert.match(await seen('compile'), /^1 error: Cannot show what "compile" printed: it was up to date, and the run/)
  })
})

function emptyFolder(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'k8s-ha-empty-'))
  context.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

describe('a folder without a project', () => {
  test('is named where a workflow is not known; init makes one that runs', async context => {
    const cwd = emptyFolder(context)
    const unknown = await run(['flow', 'hello'], { cwd })
    assert.equal(unknown.code, 2)
    assert.match(
      unknown.stderr,
      /^error: Unknown workflow "hello"\n +last: +There is no project in .*\n +try: +k8s-ha init/,
    )
    assert.match((await run(['flow'], { cwd })).stderr, /^There is no project in .*; these come with k8s-ha\./)
    assert.equal((await run(['init'], { cwd })).code, 0)
    assert.equal((await run(['flow', 'hello'], { cwd })).code, 0)
    assert.equal(readFileSync(join(cwd, 'out/greetings.txt'), 'utf8'), 'hello world\nhello build\n')
    assert.match((await run(['flow', 'hello'], { cwd })).stdout, /2 tasks up to date/)
  })

  test('init writes over nothing, and not into a project', async context => {
    const cwd = emptyFolder(context)
    writeFileSync(join(cwd, 'hello'), 'mine')
    const refused = await run(['init'], { cwd })
    assert.notEqual(refused.code, 0)
    assert.equal(readFileSync(join(cwd, 'hello'), 'utf8'), 'mine')
    const project = makeProject(context, {})
    const inside = await run(['init'], { cwd: join(project, 'src') })
    assert.match(inside.stderr, /^error: Cannot make a project in .*\/src: it belongs to the one in /)
    assert.ok(!existsSync(join(project, 'src/workflows')))
  })
})
