import assert from 'node:assert/strict'
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { copyCheckout } from './checkout.ts'
import { run } from './run.ts'

const version = /^k8s-ha \d+\.\d+\.\d+ \(Node\.js v24\.[\d.]+\)\n$/

test('the first call builds and says so, the next ones are silent', async context => {
  const checkout = copyCheckout(context, { installed: true })
  const program = join(checkout, 'k8s-ha')
  const first = await run(['--version'], { program })
  assert.match(first.stdout, version)
  assert.equal(first.stderr, 'k8s-ha: building\n')
  assert.equal((await run(['--version'], { program })).stderr, '')
})

test('a changed, an added and a removed source are noticed; what is beside the sources is not', async context => {
  const checkout = copyCheckout(context, { installed: true })
  const program = join(checkout, 'k8s-ha')
  const says = async () => (await run(['--version'], { program })).stderr
  await says()
  appendFileSync(join(checkout, 'src/cli/version-text.ts'), '// more\n')
  assert.equal(await says(), 'k8s-ha: building\n')
  writeFileSync(join(checkout, 'tasks/new.ts'), '/** New. */\n')
  assert.equal(await says(), 'k8s-ha: building\n')
  rmSync(join(checkout, 'tasks/new.ts'))
  assert.equal(await says(), 'k8s-ha: building\n')
  writeFileSync(join(checkout, 'README.md'), 'read me\n')
  assert.equal(await says(), '')
})

test('of two that are started at once one builds, and both run', async context => {
  const program = join(copyCheckout(context, { installed: true }), 'k8s-ha')
  const both = await Promise.all([run(['--version'], { program }), run(['--version'], { program })])
  for (const { code, stdout } of both) {
    assert.equal(code, 0)
    assert.match(stdout, version)
  }
  assert.equal(both.map(({ stderr }) => stderr).join(''), 'k8s-ha: building\n')
})

test('it works through a link, from any folder, and by a relative path', async context => {
  const folder = mkdtempSync(join(tmpdir(), 'k8s-ha-link-'))
  context.after(() => rmSync(folder, { recursive: true }))
  const checkout = copyCheckout(context, { installed: true })
  const link = join(folder, 'linked')
  symlinkSync(join(checkout, 'k8s-ha'), link)
  assert.match((await run(['--version'], { program: link, cwd: folder })).stdout, version)
  assert.match((await run(['--version'], { program: './k8s-ha', cwd: checkout })).stdout, version)
  assert.match((await run(['k8s-ha', '--version'], { program: 'sh', cwd: checkout })).stdout, version)
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

test('a fresh clone installs its npm packages, whatever Node.js runs npm', async context => {
  const checkout = copyCheckout(context, { installed: false })
  const program = join(checkout, 'k8s-ha')
  const { code, stdout, stderr } = await run(['--version'], { program, inherit: true })
  assert.equal(code, 0, stderr)
  assert.match(stdout, version)
  assert.match(stderr, /^k8s-ha: installing the npm packages \(once\)\n[\s\S]*k8s-ha: building\n$/)
  const lock = readFileSync(join(checkout, 'package-lock.json'), 'utf8')
  assert.equal((await run(['--version'], { program })).stderr, '')
  writeFileSync(join(checkout, 'package-lock.json'), lock)
  assert.match(
    (await run(['--version'], { program, inherit: true })).stderr,
    /package-lock\.json is newer than what is installed/,
  )
})
