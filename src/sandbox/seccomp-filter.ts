/**
 * The filter of system calls for sandboxed commands, as a classic BPF program (seccomp(2)). The namespaces are the
 * boundary; the filter takes away what builds do not need and what has often been a way through: other namespaces,
 * mounts, keyrings, io_uring, BPF, rare kinds of sockets, and all system calls that are newer than this list.
 */
import { refusedCalls, specialCalls } from './system-calls.ts'

const errno = { notPermitted: 1, notImplemented: 38, noSuchFamily: 97 }

/** AUDIT_ARCH_* of linux/audit.h. */
const architectures: Readonly<Record<string, number>> = { x64: 0xc000003e, arm64: 0xc00000b7 }

/** 466 is removexattrat of Linux 6.13. This refuses the numbers of x32 as well. */
const lastKnownCall = 466

/** CLONE_NEW*, without the one that clone(2) cannot have: NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET. */
const namespaces = 0x7e020000
const timeNamespace = 0x80

/** AF_UNIX, AF_INET, AF_INET6, AF_NETLINK. */
const families = [1, 2, 10, 16]

/** TIOCSTI, TIOCLINUX: they type into a terminal. */
const typing = [0x5412, 0x541c]

/** struct seccomp_data: nr, arch, instruction pointer, args[6] of 64 bits, low half first. */
const at = { call: 0, architecture: 4, argument: (index: number) => 16 + 8 * index }

/** linux/filter.h: BPF_LD|BPF_W|BPF_ABS, BPF_JMP|BPF_JEQ, BPF_JGT and BPF_JSET with a constant, BPF_RET. */
const code = { load: 0x20, ifEqual: 0x15, ifGreater: 0x25, ifAnyOf: 0x45, answer: 0x06 }

type Instruction = readonly [code: number, ifTrue: number, ifFalse: number, value: number]

const allow: Instruction = [code.answer, 0, 0, 0x7fff0000]
const refuse = (number: number): Instruction => [code.answer, 0, 0, 0x00050000 | number]
const load = (offset: number): Instruction => [code.load, 0, 0, offset]

/** `then` when the value that was loaded compares so, else what follows. */
const when = (test: number, value: number, then: readonly Instruction[]): readonly Instruction[] => [
  [test, 0, then.length, value],
  ...then,
]

/** Throws for a processor that it does not know: nothing may run unfiltered. */
export function seccompFilter(processor: string): Uint8Array {
  const architecture = architectures[processor]
  if (architecture === undefined) throw new Error(`No filter of system calls is known for ${processor}`)
  const special = specialCalls(processor)
  const { ifEqual, ifGreater, ifAnyOf } = code
  const unlessOneOf = (values: readonly number[], answer: Instruction) => [
    ...values.flatMap(value => when(ifEqual, value, [allow])),
    answer,
  ]
  const socket = [load(at.argument(0)), ...unlessOneOf(families, refuse(errno.noSuchFamily))]
  const program = [
    load(at.architecture),
    ...when(ifEqual, architecture, [[0x05, 0, 0, 1]]),
    refuse(errno.notImplemented),
    load(at.call),
    ...when(ifGreater, lastKnownCall, [refuse(errno.notImplemented)]),
    ...when(ifEqual, special.socket, socket),
    ...when(ifEqual, special.socketpair, socket),
    ...when(ifEqual, special.ioctl, [
      load(at.argument(1)),
      ...typing.flatMap(request => when(ifEqual, request, [refuse(errno.notPermitted)])),
      allow,
    ]),
    ...when(ifEqual, special.clone, [
      load(at.argument(0)),
      ...when(ifAnyOf, namespaces, [refuse(errno.notPermitted)]),
      allow,
    ]),
    ...when(ifEqual, special.unshare, [
      load(at.argument(0)),
      ...when(ifAnyOf, namespaces | timeNamespace, [refuse(errno.notPermitted)]),
      allow,
    ]),
    // Its flags are in memory, where no filter can look. Libraries fall back to clone.
    ...when(ifEqual, special.clone3, [refuse(errno.notImplemented)]),
    ...refusedCalls(processor).flatMap(call => when(ifEqual, call, [refuse(errno.notPermitted)])),
    allow,
  ]
  return encode(program)
}

/** struct sock_filter: u16 code, u8 jt, u8 jf, u32 k, in the order of bytes that both processors have. */
function encode(program: readonly Instruction[]): Uint8Array {
  const bytes = new DataView(new ArrayBuffer(8 * program.length))
  for (const [index, [code, ifTrue, ifFalse, value]] of program.entries()) {
    bytes.setUint16(8 * index, code, true)
    bytes.setUint8(8 * index + 2, ifTrue)
    bytes.setUint8(8 * index + 3, ifFalse)
    bytes.setUint32(8 * index + 4, value >>> 0, true)
  }
  return new Uint8Array(bytes.buffer)
}
