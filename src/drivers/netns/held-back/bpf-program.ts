/** Programs for the kernel's BPF machine, as far as the filters of control groups need it: instructions as bytes. */
import { endianness } from 'node:os'

/** Registers: r1 is the argument, r0 the result, r10 the end of the stack. */
export type Instruction = Uint8Array

interface Fields {
  readonly code: number
  readonly to?: number
  readonly from?: number
  readonly offset?: number
  readonly value?: number
}

function instruction({ code, to = 0, from = 0, offset = 0, value = 0 }: Fields): Instruction {
  const bytes = Buffer.alloc(8)
  bytes.writeUInt8(code, 0)
  bytes.writeUInt8(to | (from << 4), 1)
  if (endianness() !== 'LE') throw new Error('BPF programs are made for little-endian machines only')
  bytes.writeInt16LE(offset, 2)
  bytes.writeInt32LE(value, 4)
  return bytes
}

export const load32 = (to: number, from: number, offset: number) => instruction({ code: 0x61, to, from, offset })
export const load16 = (to: number, from: number, offset: number) => instruction({ code: 0x69, to, from, offset })
export const copy = (to: number, from: number) => instruction({ code: 0xbf, to, from })
export const set = (to: number, value: number) => instruction({ code: 0xb7, to, value })
export const add = (to: number, value: number) => instruction({ code: 0x07, to, value })
export const and = (to: number, value: number) => instruction({ code: 0x57, to, value })
export const shiftRight = (to: number, value: number) => instruction({ code: 0x77, to, value })
export const call = (helper: number) => instruction({ code: 0x85, value: helper })
/** Skips so many instructions when it holds. */
export const skipUnless = (register: number, value: number, skip: number) =>
  instruction({ code: 0x55, to: register, value, offset: skip })
export const skipIfLess = (register: number, value: number, skip: number) =>
  instruction({ code: 0xa5, to: register, value, offset: skip })
export const skipIfMore = (register: number, value: number, skip: number) =>
  instruction({ code: 0x25, to: register, value, offset: skip })
const end = instruction({ code: 0x95 })
export const allow: readonly Instruction[] = [set(0, 1), end]
export const refuse: readonly Instruction[] = [set(0, 0), end]

/** The text's bytes as a number of the machine. */
export function numberOf(text: string): number {
  const bytes = Buffer.from(text)
  return bytes.readUIntLE(0, bytes.length)
}
