/** Disks that are full, slow or lost. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { monotonicMs } from '../../../src/platform/clock.ts'
import { unwrap } from '../../cluster-data/sample.ts'
import { type Bench, diskMib } from './bench.ts'
import { etcdFolder, kindOf, log, readAll, run, write, writeAll } from './guest.ts'

const dd = (file: string, mib: number) => ['dd', 'if=/dev/zero', `of=${etcdFolder}/${file}`, 'bs=1M', `count=${mib}`]

export function diskTests(bench: Bench): void {
  test('a disk of its own is as large as was said', async context => {
    if (bench.lacks(context, 'fill-disk')) return
    const { exitCode, stderr } = await run(bench.one, ...dd('filler', diskMib + 1))
    assert.equal(exitCode, 1)
    assert.match(stderr, /no space left/i)
    await write(bench.one, '/root/note', 'there is room')
    await run(bench.one, 'rm', `${etcdFolder}/filler`)
    assert.equal((await run(bench.one, ...dd('filler', 1))).exitCode, 0)
  })

  test('a slow disk makes so many writes a second, until it is healed', async context => {
    if (bench.lacks(context, 'slow-disk')) return
    const took = async () => {
      const start = monotonicMs()
      const text = ['dd', 'if=/dev/zero', `of=${etcdFolder}/slow`, 'bs=4096', 'count=8', 'oflag=direct']
      assert.equal((await run(bench.one, ...text)).exitCode, 0)
      return monotonicMs() - start
    }
    unwrap(await bench.one.slowDisks(4))
    const slow = await took()
    assert.ok(slow >= 1_000, `8 writes, of which 4 a second may be made, took ${slow} ms`)
    unwrap(await bench.one.heal())
    assert.ok((await took()) < slow)
    assert.equal(kindOf(await bench.two.slowDisks(4)), 'usage')
  })

  test('a lost disk is empty, but for the logs; it is lost while the VM is off', async context => {
    if (bench.lacks(context, 'lose-disk')) return
    await writeAll(bench.one)
    await log(bench.one, 'before')
    assert.equal(kindOf(await bench.one.loseDisk()), 'usage')
    unwrap(await bench.one.powerOff())
    unwrap(await bench.one.loseDisk())
    unwrap(await bench.one.boot())
    assert.deepEqual(await readAll(bench.one), { disk: undefined, root: undefined, memory: undefined })
    assert.match(await bench.one.logs.read('contract'), /before\n$/)
  })
}
