/** Named pipes for what programs print: their names are soon gone, also when the process that they are for is killed. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { poll } from '../../src/platform/poll.ts'

const module = join(import.meta.dirname, '../../src/platform/processes/output-pipes.ts')

/** In the turn in which their making begins, this process cannot have seen that they are there. */
const moments: Readonly<Record<string, string>> = {
  'before they are there': '',
  'when their folder is there': 'while (readdirSync(process.env.TMPDIR).length === 0);',
  'when one is there': `const made = () => readdirSync(process.env.TMPDIR, { recursive: true }).length
while (made() < 2);`,
}

for (const [moment, wait] of Object.entries(moments))
  test(`a process that is killed while pipes are made, ${moment}, leaves nothing of them`, async () => {
    const temporary = mkdtempSync(join(tmpdir(), 'k8s-ha-test-'))
    const program = `import { readdirSync } from 'node:fs'
import { takeOutputPipes } from ${JSON.stringify(module)}
void takeOutputPipes()
${wait}
process.kill(process.pid, 'SIGKILL')
while (true);`
    try {
      const env = { ...process.env, TMPDIR: temporary }
      const child = spawn(process.execPath, ['--input-type=module', '-e', program], { env, stdio: 'inherit' })
      assert.deepEqual(await once(child, 'exit'), [null, 'SIGKILL'])
      const left = await poll(
        () => readdirSync(temporary),
        names => names.length === 0,
        { everyMs: 10, withinMs: 30_000 },
      )
      assert.deepEqual(left, [])
    } finally {
      rmSync(temporary, { recursive: true, force: true })
    }
  })
