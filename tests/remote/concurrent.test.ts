/** Many runs at once that share one remote: each is right, and nothing half is ever left or seen. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RedisServer } from './redis-server.ts'
import { fates, projectWith, runWith, SharedFolder } from './remote-project.ts'

/** Each run makes other bytes under the same fingerprints, so that mixing them would show. */
const workflow = `
tasks:
  random: { run: "mkdir r; head -c 3000000 /dev/urandom > r/a; cp r/a r/b", outputs: [r] }
  same: { run: "cmp r/a r/b && echo same > s", needs: [random], outputs: [s] }
`

async function runTogether(address: string): Promise<void> {
  for (let round = 0; round < 4; round++) {
    const projects = Array.from({ length: 4 }, () => projectWith(workflow))
    try {
      const ran = await Promise.all(projects.map(project => runWith(project, address)))
      for (const one of ran) assert.deepEqual([one.summary.status, one.warnings], ['passed', []])
      for (const project of projects) assert.equal(project.read('s'), 'same\n')
    } finally {
      for (const project of projects) project[Symbol.dispose]()
    }
  }
  using last = projectWith(workflow)
  const got = await runWith(last, address, { policy: 'read-only' })
  assert.equal(fates(got).random, 'restored from remote')
  assert.deepEqual(got.warnings, [])
}

test('runs at once that share a folder', { timeout: 300_000 }, async () => {
  using folder = new SharedFolder()
  await runTogether(folder.path)
  assert.deepEqual(
    folder.files().filter(path => path.endsWith('.tmp')),
    [],
  )
})

test('runs at once that share a Redis server', { timeout: 300_000 }, async () => {
  await using server = await RedisServer.start()
  await runTogether(server.url)
})
