import assert from 'node:assert/strict'
import { appendFileSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { copyCheckout, version } from './checkout.ts'
import { run } from './run.ts'

describe('a checkout whose packages are installed', () => {
  let checkout: string
  let program: string
  const says = async () => (await run(['--version'], { program })).stderr
  const afterAll: (() => void)[] = []
  before(() => {
    checkout = copyCheckout({ after: action => afterAll.push(action) }, { installed: true })
    program = join(checkout, 'k8s-ha')
  })
  after(() => {
    for (const action of afterAll) action()
  })

  test('of two first calls at once one builds and says so, and both run; the next call is silent', async () => {
    const both = await Promise.all([run(['--version'], { program }), run(['--version'], { program })])
    for (const { code, stdout } of both) {
      assert.equal(code, 0)
      assert.match(stdout, version)
    }
    assert.equal(both.map(({ stderr }) => stderr).join(''), 'k8s-ha: building\n')
    assert.equal(await says(), '')
  })

  test('it works through a link, from any folder, and by a relative path', async context => {
    const folder = mkdtempSync(join(tmpdir(), 'k8s-ha-link-'))
    context.after(() => rmSync(folder, { recursive: true }))
    const link = join(folder, 'linked')
    symlinkSync(program, link)
    assert.match((await run(['--version'], { program: link, cwd: folder })).stdout, version)
    assert.match((await run(['--version'], { program: './k8s-ha', cwd: checkout })).stdout, version)
    assert.match((await run(['k8s-ha', '--version'], { program: 'sh', cwd: checkout })).stdout, version)
  })

  test('a changed, an added and a removed source are noticed; what is beside the sources is not', async () => {
    appendFileSync(join(checkout, 'src/cli/version-text.ts'), '// more\n')
    const changed = await run(['--version'], { program })
    assert.match(changed.stdout, version)
    assert.equal(changed.stderr, 'k8s-ha: building\n')
    writeFileSync(join(checkout, 'tasks/new.ts'), '/** New. */\n')
    assert.equal(await says(), 'k8s-ha: building\n')
    rmSync(join(checkout, 'tasks/new.ts'))
    assert.equal(await says(), 'k8s-ha: building\n')
    writeFileSync(join(checkout, 'README.md'), 'read me\n')
    assert.equal(await says(), '')
  })
})

test('a build that fails leaves the reason, exit code 4 and no build', async context => {
  const checkout = copyCheckout(context, { installed: true })
  const program = join(checkout, 'k8s-ha')
  appendFileSync(join(checkout, 'src/cli/main.ts'), "import './not-there.ts'\n")
  const { code, stderr } = await run(['--version'], { program })
  assert.equal(code, 4)
  assert.match(stderr, /^k8s-ha: building\nerror: Cannot build: [\s\S]*not-there\.ts/)
  assert.ok(!readdirSync(join(checkout, 'dist')).includes('current'))
})
