/** A clone without npm packages: the launcher installs them, once, and again when their list is newer. */
import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { copyCheckout, version } from './checkout.ts'
import { run } from './run.ts'

test('a fresh clone installs its npm packages, whichever Node.js runs npm', async context => {
  const checkout = copyCheckout(context, { installed: false })
  const program = join(checkout, 'k8s-ha')
  const { code, stdout, stderr } = await run(['--version'], { program, inherit: true })
  assert.equal(code, 0, stderr)
  assert.match(stdout, version)
  assert.match(stderr, /^k8s-ha: installing the npm packages \(once\)\n[\s\S]*k8s-ha: building\n$/)
  assert.equal((await run(['--version'], { program })).stderr, '')
  await installsAgain(checkout)
})

/** By an npm that only notes its arguments: as npm does, it leaves the time of an unchanged list alone. */
async function installsAgain(checkout: string): Promise<void> {
  const program = join(checkout, 'k8s-ha')
  const bin = join(checkout, 'bin')
  mkdirSync(bin)
  writeFileSync(join(bin, 'npm'), `#!/bin/sh\necho "$*" >>'${join(bin, 'calls')}'\n`)
  chmodSync(join(bin, 'npm'), 0o755)
  const env = { PATH: `${bin}:${process.env.PATH}` }
  const list = join(checkout, 'package-lock.json')
  writeFileSync(list, readFileSync(list))
  const again = await run(['--version'], { program, env })
  assert.match(again.stderr, /package-lock\.json is newer than what is installed/)
  assert.match(again.stdout, version)
  assert.equal((await run(['--version'], { program, env })).stderr, '')
  assert.match(readFileSync(join(bin, 'calls'), 'utf8'), /^ci .*\n$/)
}
