/**
 * What programs in a VM may do to devices and settings, decided by the kernel for their control group: root there
 * cannot undo it by any mount. Version 2 of control groups has such filters, also beside version 1. Those
 * of version 1 (devices.deny) would stop privileged pods: their runtime allows all devices, which a group below a
 * limited one may not.
 */
import { join } from 'node:path'
import { environment } from '../../../platform/failure.ts'
import { packageRoot } from '../../../platform/package-root.ts'
import { runChecked } from '../../../platform/processes/process.ts'
import { done, fail, type Result } from '../../../platform/result.ts'
import {
  add,
  allow,
  and,
  call,
  copy,
  type Instruction,
  load16,
  load32,
  numberOf,
  refuse,
  set,
  shiftRight,
  skipIfLess,
  skipIfMore,
  skipUnless,
} from './bpf-program.ts'

/** Character devices that programs open: null, zero, full, random, urandom, tty, ptmx, tun. */
const devices = ['1:3', '1:5', '1:7', '1:8', '1:9', '5:0', '5:2', '10:200'].map(one => one.split(':').map(Number))
/** Terminals: Documentation/admin-guide/devices.txt. */
const terminals = { first: 136, last: 143 } as const

const mknod = 1
const character = 2

/** struct bpf_cgroup_dev_ctx: access << 16 | type, major, minor. Making a node gives nobody the device. */
export const deviceFilter: readonly Instruction[] = [
  load32(2, 1, 0),
  copy(3, 2),
  and(3, 0xffff),
  shiftRight(2, 16),
  load32(4, 1, 4),
  load32(5, 1, 8),
  skipUnless(2, mknod, 2),
  ...allow,
  skipUnless(3, character, devices.length * 4 + 4),
  ...devices.flatMap(([major = 0, minor = 0]) => [skipUnless(4, major, 3), skipUnless(5, minor, 2), ...allow]),
  skipIfLess(4, terminals.first, 3),
  skipIfMore(4, terminals.last, 2),
  ...allow,
  ...refuse,
]

/** Settings that each VM has of its own, by how they begin: of its network, of what its processes share. */
const ownSettings = [
  ['net/'],
  ['kern', 'el/s', 'hm'],
  ['kern', 'el/s', 'em'],
  ['kern', 'el/m', 'sg'],
  ['fs/m', 'queu'],
] as const

const sysctlGetName = 101
const nameBytes = 32

/** struct bpf_sysctl: whether it is written. */
export const settingFilter: readonly Instruction[] = [
  load32(2, 1, 0),
  skipUnless(2, 0, 2),
  ...allow,
  copy(2, 10),
  add(2, -nameBytes),
  set(3, nameBytes),
  set(4, 0),
  call(sysctlGetName),
  ...ownSettings.flatMap(parts => {
    const steps = parts.length * 2
    const compared = parts.flatMap((part, index) => {
      const load = part.length === 4 ? load32 : load16
      return [load(6, 10, index * 4 - nameBytes), skipUnless(6, numberOf(part), steps - index * 2 - 2 + allow.length)]
    })
    return [...compared, ...allow]
  }),
  ...refuse,
]

/** Numbers of linux/bpf.h. */
const filters = [
  { program: 15, attach: 6, instructions: deviceFilter },
  { program: 23, attach: 18, instructions: settingFilter },
] as const

const bpfCall: Partial<Record<NodeJS.Architecture, number>> = { x64: 321, arm64: 280 }

/** `folder`: the group's, of version 2. It and all groups below are held back, for as long as it exists. */
export async function attachFilters(folder: string, vm: string): Promise<Result<void>> {
  const script = join(packageRoot, 'src/drivers/netns/held-back/attach-filters.pl')
  const programs = filters.flatMap(({ program, attach, instructions }) => [
    String(program),
    String(attach),
    Buffer.concat(instructions).toString('hex'),
  ])
  const attached = await runChecked(['perl', script, folder, String(bpfCall[process.arch] ?? 0), ...programs])
  if (attached.ok) return done
  const why = attached.failure.last ?? attached.failure.message
  return fail(
    environment(`Cannot hold back "${vm}" from this machine's devices and settings: ${why}`, {
      try: 'use a kernel with filters for control groups (CONFIG_CGROUP_BPF), as root of the machine',
    }),
  )
}
