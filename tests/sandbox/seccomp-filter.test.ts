/** The filter's answers, found by running its program as the kernel does; boundary.test.ts asks this machine's kernel. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seccompFilter } from '../../src/sandbox/seccomp-filter.ts'
import { refusedCalls, specialCalls } from '../../src/sandbox/system-calls.ts'

const architectures = { x64: 0xc000003e, arm64: 0xc00000b7 }
const [allowed, notPermitted, notImplemented, noSuchFamily] = [0x7fff0000, 0x50001, 0x50026, 0x50061]

interface Call {
  readonly architecture: number
  readonly number: number
  readonly arguments?: readonly number[]
}

function answer(program: Uint8Array, call: Call): number {
  const code = new DataView(program.buffer)
  const words = new Map([
    [0, call.number],
    [4, call.architecture],
    ...(call.arguments ?? []).map((value, index) => [16 + 8 * index, value] as const),
  ])
  let loaded = 0
  for (let at = 0; ; at++) {
    const value = code.getUint32(8 * at + 4, true)
    const jump = (holds: boolean) => code.getUint8(8 * at + (holds ? 2 : 3))
    switch (code.getUint16(8 * at, true)) {
      case 0x20:
        loaded = words.get(value) ?? 0
        break
      case 0x05:
        at += value
        break
      case 0x15:
        at += jump(loaded === value)
        break
      case 0x25:
        at += jump(loaded > value)
        break
      case 0x45:
        at += jump((loaded & value) !== 0)
        break
      case 0x06:
        return value
      default:
        throw new Error(`There is no such instruction at ${at}`)
    }
  }
}

for (const [processor, architecture] of Object.entries(architectures))
  test(`the filter refuses what it should and nothing else on ${processor}`, () => {
    const filter = seccompFilter(processor)
    const ask = (number: number, ...values: number[]) => answer(filter, { architecture, number, arguments: values })
    const special = specialCalls(processor)
    const refused = refusedCalls(processor)
    for (const call of refused) assert.equal(ask(call), notPermitted, `call ${call}`)
    const others = Array.from({ length: 467 }, (_, call) => call)
    for (const call of others.filter(call => !refused.includes(call) && !Object.values(special).includes(call)))
      assert.equal(ask(call), allowed, `call ${call}`)
    for (const call of [467, 5000, 0x40000000 + 1]) assert.equal(ask(call), notImplemented)
    assert.equal(answer(filter, { architecture: 0x40000003, number: 1 }), notImplemented)
    assert.equal(ask(special.clone3), notImplemented)
    assert.equal(ask(special.clone, 0x1200011), allowed) // fork
    assert.equal(ask(special.clone, 0x3d0f00), allowed) // a thread
    for (const flag of [17, 25, 26, 27, 28, 29, 30].map(bit => 1 << bit)) {
      assert.equal(ask(special.clone, flag | 17), notPermitted)
      assert.equal(ask(special.unshare, flag), notPermitted)
    }
    assert.equal(ask(special.unshare, 0x80), notPermitted)
    assert.equal(ask(special.unshare, 0x400), allowed) // CLONE_FILES
    for (const family of [1, 2, 10, 16]) assert.equal(ask(special.socket, family), allowed)
    for (const family of [17, 38, 40, 44]) assert.equal(ask(special.socket, family), noSuchFamily)
    assert.equal(ask(special.ioctl, 0, 0x5412), notPermitted)
    assert.equal(ask(special.ioctl, 0, 0x5401), allowed)
  })

test('there is no filter for a processor that is not known, so nothing runs there', () => {
  assert.throws(() => seccompFilter('riscv64'))
})
