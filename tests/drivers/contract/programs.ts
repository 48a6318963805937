/** Programs on a VM: what they print, read and return, and when they are ended. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { secretPath } from '../../../src/drivers/driver.ts'
import { unwrap } from '../../cluster-data/sample.ts'
import type { Bench } from './bench.ts'
import { busybox, kindOf, messageOf, printed, read, run, write } from './guest.ts'

export function programTests(bench: Bench): void {
  test('what a program prints and its exit code come back, whatever it is', async () => {
    assert.deepEqual(await run(bench.one, 'echo', "it's  one word"), printed("it's  one word\n"))
    const { exitCode, stderr } = await run(bench.one, 'cat', '/no/such/file')
    assert.equal(exitCode, 1)
    assert.match(stderr, /no such file/i)
    assert.equal(unwrap(await bench.one.exec(['no-such-program'], { timeoutMs: 5_000 })).exitCode, 127)
  })

  test('a program reads its input, and what it writes stays', async () => {
    await write(bench.one, '/run/note', 'two\nlines\n')
    assert.equal(await read(bench.one, '/run/note'), 'two\nlines\n')
    assert.equal(await read(bench.two, '/run/note'), undefined)
  })

  test('a program reads its secret as often as it likes, then its input, and nothing of the secret stays', async () => {
    const secret = `${'secret '.repeat(1_000)}\n`
    const shown = await bench.one.exec(busybox('cat', secretPath), { timeoutMs: 5_000, secret, input: 'input\n' })
    assert.equal(unwrap(shown).stdout, secret)
    const passed = await bench.one.exec(busybox('tee', '/run/note'), { timeoutMs: 5_000, secret, input: 'input\n' })
    assert.equal(unwrap(passed).stdout, 'input\n')
    assert.equal((await read(bench.one, secretPath)) === secret, false)
  })

  test('output is passed on while the program runs, until the caller has enough', async () => {
    await write(bench.one, '/run/note', 'begun\n')
    const enough = new AbortController()
    let text = ''
    const onOutput = (piece: string) => {
      text += piece
      if (text === 'begun\n') enough.abort()
    }
    const { signal } = enough
    const ended = await bench.one.exec(busybox('tail', '-f', '/run/note'), { timeoutMs: 30_000, signal, onOutput })
    assert.equal(kindOf(ended), 'interrupted')
  })

  test('a program that takes too long is ended, and that is a failure', async () => {
    const ended = await bench.one.exec(busybox('sleep', '60'), { timeoutMs: 300 })
    assert.match(messageOf(ended), /still running after 300 ms/)
  })
}
