/** Which folder a command works in, and that no workflow removes the program itself. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { after, before, describe, type TestContext, test } from 'node:test'
import { programFiles, programNames } from '../../src/cli/project-folder.ts'
import { copyCheckout, write } from './checkout.ts'
import { run } from './run.ts'

const bundle = (output: string) =>
  `tasks: { bundle: { run: 'mkdir -p "$(dirname ${output})"; pwd > ${output}', outputs: [${output}] } }\n`

describe('which folder is the project', () => {
  let checkout: string
  const afterAll: (() => void)[] = []
  const flow = (cwd: string, ...argv: readonly string[]) =>
    run(['flow', ...argv], { cwd, program: join(checkout, 'k8s-ha') })

  before(() => {
    checkout = copyCheckout({ after: (action: () => void) => afterAll.push(action) }, { installed: true })
    write(checkout, { 'workflows/shipped.yaml': bundle('build/made'), 'generated/file': 'precious' })
  })
  after(() => {
    for (const action of afterAll) action()
  })

  const folder = (context: TestContext, files: Readonly<Record<string, string>>): string => {
    const dir = realpathSync(mkdtempSync(join(tmpdir(), 'k8s-ha-own-')))
    context.after(() => rmSync(dir, { recursive: true }))
    write(dir, files)
    return dir
  }

  for (const [name, from] of [
    ['its folder', (own: string) => own],
    ['a folder elsewhere', () => tmpdir()],
    ['the checkout itself', () => checkout],
    ['a folder of the checkout', () => join(checkout, 'src')],
  ] as const)
    test(`a workflow file of no project works in its own folder, called from ${name}`, async context => {
      const own = folder(context, { 'web.yaml': bundle('generated') })
      const cwd = from(own)
      const { code, stderr } = await flow(cwd, cwd === own ? './web.yaml' : join(own, 'web.yaml'))
      assert.equal(code, 0, stderr)
      assert.equal(readFileSync(join(own, 'generated'), 'utf8'), `${own}\n`)
      assert.equal(readFileSync(join(checkout, 'generated/file'), 'utf8'), 'precious')
    })

  test('a workflow file of a project works in that project, called from elsewhere', async context => {
    const own = folder(context, { 'workflows/web.yaml': bundle('generated') })
    assert.equal((await flow(tmpdir(), join(own, 'workflows/web.yaml'))).code, 0)
    assert.ok(existsSync(join(own, 'generated')))
  })

  test('a workflow file from elsewhere works in the project that the user is in', async context => {
    const own = folder(context, { 'web.yaml': bundle('generated'), 'mine/k8s-ha.yaml': '', 'mine/deep/file': '' })
    assert.equal((await flow(join(own, 'mine/deep'), '../../web.yaml')).code, 0)
    assert.ok(existsSync(join(own, 'mine/generated')))
  })

  for (const mark of ['k8s-ha.yaml', 'workflows/other.yaml'])
    test(`the nearest folder upwards with ${mark} is the project`, async context => {
      const own = folder(context, { 'workflows/web.yaml': bundle('outer') })
      write(own, {
        'inner/workflows/web.yaml': bundle('inner-made'),
        [`inner/${mark}`]: bundle('x'),
        'inner/deep/file': '',
      })
      if (mark === 'k8s-ha.yaml') write(own, { [`inner/${mark}`]: '' })
      assert.equal((await flow(join(own, 'inner/deep'), 'web')).code, 0)
      assert.ok(existsSync(join(own, 'inner/inner-made')) && !existsSync(join(own, 'outer')))
    })

  test('a shipped workflow works in the checkout, called from a folder without a project', async context => {
    const { code, stderr } = await flow(folder(context, { file: '' }), 'shipped')
    assert.equal(code, 0, stderr)
    assert.equal(readFileSync(join(checkout, 'build/made'), 'utf8'), `${checkout}\n`)
  })

  test('a workflow file in a folder that does not exist is told', async context => {
    const own = folder(context, { file: '' })
    for (const file of ['nowhere/web.yaml', 'file/web.yaml', 'web.yaml']) {
      const { code, stderr } = await flow(own, file)
      assert.match(stderr, new RegExp(`^error: Cannot read the workflow file "${file}": there is no such file\\n`))
      assert.equal(code, 2)
    }
  })

  for (const output of ['dist', 'src/cli', 'tasks', 'node_modules', 'k8s-ha', '.git', 'workflows', 'build/clone/.git'])
    test(`no task of the checkout may own ${output}`, async () => {
      write(checkout, { 'workflows/bad.yaml': bundle(output) })
      const { code, stderr } = await flow(checkout, 'bad')
      assert.match(stderr, new RegExp(`Output "${output}" touches ".*", which is not for outputs`))
      assert.equal(code, 2)
    })
})

const root = join(import.meta.dirname, '../..')
const skip = !existsSync(join(root, '.git')) && 'this is no clone'

test('a project that holds the checkout owns nothing in it; another has nothing of the program', context => {
  const other = mkdtempSync(join(tmpdir(), 'k8s-ha-other-'))
  context.after(() => rmSync(other, { recursive: true }))
  assert.deepEqual(programFiles(realpathSync(join(root, '..'))), [basename(realpathSync(root))])
  assert.deepEqual(programFiles(other), [])
})

test('everything at the top of the checkout is known to belong to the program', { skip }, () => {
  const tracked = execFileSync('git', ['ls-files'], { cwd: root, encoding: 'utf8' }).trim().split('\n')
  const names = new Set(tracked.map(path => path.split('/')[0] ?? ''))
  assert.deepEqual(
    [...names].filter(name => !programNames.includes(name)),
    [],
  )
})

for (const [what, make] of [
  ['an endless device', (path: string) => symlinkSync('/dev/zero', path)],
  ['a pipe', (path: string) => execFileSync('mkfifo', [path])],
] as const)
  test(`settings that are ${what} are refused at once`, { timeout: 60_000 }, async context => {
    const own = mkdtempSync(join(tmpdir(), 'k8s-ha-other-'))
    context.after(() => rmSync(own, { recursive: true }))
    write(own, { 'workflows/a.yaml': bundle('out') })
    make(join(own, 'k8s-ha.yaml'))
    const { code, stderr } = await run(['flow', 'a'], { cwd: own })
    assert.deepEqual(
      [code, stderr],
      [2, 'error: Cannot read the project’s settings: it is no file\n  at:    k8s-ha.yaml\n'],
    )
  })
