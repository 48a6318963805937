/** Logs: read, copied and followed, whatever state the VM is in. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { unwrap } from '../../cluster-data/sample.ts'
import type { Bench } from './bench.ts'
import { log } from './guest.ts'

export function logTests(bench: Bench): void {
  const { driver } = bench.subject

  test('logs are read whatever state the VM is in, and copied', async () => {
    assert.equal(await bench.two.logs.read('contract'), '')
    await log(bench.two, 'one')
    await log(bench.two, 'two')
    const [logs] = [...driver.logs(bench.cluster.stateDir)].flatMap(([name, found]) =>
      name === bench.two.spec.name ? [found] : [],
    )
    assert.ok(logs)
    const look = async () => {
      assert.equal(await bench.two.logs.read('contract'), 'one\ntwo\n')
      assert.equal(await logs.read('contract', 4), 'two\n')
      assert.ok((await logs.names()).includes('contract'))
    }
    await look()
    unwrap(await bench.two.stop())
    await look()
    unwrap(await bench.two.powerOff())
    await look()
    assert.equal(await logs.copyTo(join(bench.folder, 'copied')), true)
    assert.equal(readFileSync(join(bench.folder, 'copied/contract.log'), 'utf8'), 'one\ntwo\n')
    unwrap(await bench.two.boot())
    await look()
  })

  test('a log is followed over a reset of the VM', async () => {
    const enough = new AbortController()
    const seen = Promise.withResolvers<void>()
    let text = ''
    await log(bench.three, 'first')
    const following = bench.three.logs.follow(
      'contract',
      piece => {
        text += piece
        if (text.endsWith('first\n')) seen.resolve()
        if (text.endsWith('second\n')) enough.abort()
      },
      enough.signal,
    )
    await seen.promise
    unwrap(await bench.three.reset())
    await log(bench.three, 'second')
    await following
    assert.equal(text, 'first\nsecond\n')
  })
}
