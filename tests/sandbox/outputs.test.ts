/** Outputs are taken from where the command was shown a folder for them, never from behind a link that it put there. */
import assert from 'node:assert/strict'
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { sandboxFixture } from './sandbox-fixture.ts'

/** A folder of the host that no command of these tests may touch: out/file and deep/out/file. */
function withVictim(t: TestContext) {
  const fixture = sandboxFixture(t)
  const victim = join(fixture.dir, 'victim')
  for (const folder of ['out', 'deep/out']) {
    mkdirSync(join(victim, folder), { recursive: true })
    writeFileSync(join(victim, folder, 'file'), 'precious')
  }
  return { ...fixture, victim }
}

const scripts = [
  ['its parent is a link to a folder of the host', 'dist/out', 'rm -r dist; ln -s VICTIM dist', 'dist'],
  ['a folder further above is one', 'dist/deep/out', 'rm -r dist; ln -s VICTIM dist', 'dist'],
  ['the link leads by way of another', 'dist/out', 'ln -s VICTIM hop; rm -r dist; ln -s hop dist', 'dist,hop'],
  ['the link stays in the project', 'dist/out', 'mkdir -p away/out; rm -r dist; ln -s away dist', 'away/out/,dist'],
  ['its parent is a file', 'dist/out', 'rm -r dist; echo >dist', 'dist'],
] as const

for (const [name, output, script, undeclared] of scripts)
  test(`an output is not taken when ${name}`, async t => {
    const { run, victim, projectDir } = withVictim(t)
    const project = { dir: projectDir, at: '/project', inputs: [], outputs: [output] }
    const { undeclaredWrites } = await run(script.replace('VICTIM', victim), { project })
    assert.equal(undeclaredWrites.join(), undeclared)
    for (const folder of ['out', 'deep/out'])
      assert.equal(readFileSync(join(victim, folder, 'file'), 'utf8'), 'precious')
    assert.equal(existsSync(join(projectDir, output)), false)
  })

test('an output that is a link itself is taken as such', async t => {
  const { run, victim, projectDir } = withVictim(t)
  const project = { dir: projectDir, at: '/project', inputs: [], outputs: ['dist/out'] }
  await run(`ln -s ${victim}/out dist/out`, { project })
  assert.equal(readlinkSync(join(projectDir, 'dist/out')), join(victim, 'out'))
  assert.ok(lstatSync(join(victim, 'out')).isDirectory())
  assert.deepEqual(readdirSync(join(victim, 'out')), ['file'])
})
