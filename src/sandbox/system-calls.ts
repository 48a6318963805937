/**
 * Numbers of the system calls that the sandbox's filter is about, for x64 and arm64, which has fewer: Linux,
 * arch/x86/entry/syscalls/syscall_64.tbl and include/uapi/asm-generic/unistd.h.
 */

type Numbers = readonly [x64: number | undefined, arm64: number | undefined]

const refused: Readonly<Record<string, Numbers>> = {
  // Mounts and namespaces of others.
  mount: [165, 40],
  umount2: [166, 39],
  pivot_root: [155, 41],
  setns: [308, 268],
  open_tree: [428, 428],
  move_mount: [429, 429],
  fsopen: [430, 430],
  fsconfig: [431, 431],
  fsmount: [432, 432],
  fspick: [433, 433],
  mount_setattr: [442, 442],
  // Keyrings: not separate per namespace in all respects.
  add_key: [248, 217],
  request_key: [249, 218],
  keyctl: [250, 219],
  // What looks into the kernel, or past the paths that are shown.
  bpf: [321, 280],
  perf_event_open: [298, 241],
  userfaultfd: [323, 282],
  fanotify_init: [300, 262],
  open_by_handle_at: [304, 265],
  lookup_dcookie: [212, 18],
  // Calls that no filter sees.
  io_uring_setup: [425, 425],
  io_uring_enter: [426, 426],
  io_uring_register: [427, 427],
  // The machine itself: kernel modules, disks, quotas, the kernel's log, the clock, ports.
  init_module: [175, 105],
  finit_module: [313, 273],
  delete_module: [176, 106],
  create_module: [174, undefined],
  query_module: [178, undefined],
  get_kernel_syms: [177, undefined],
  kexec_load: [246, 104],
  kexec_file_load: [320, 294],
  reboot: [169, 142],
  swapon: [167, 224],
  swapoff: [168, 225],
  acct: [163, 89],
  quotactl: [179, 60],
  quotactl_fd: [443, 443],
  nfsservctl: [180, 42],
  syslog: [103, 116],
  sysfs: [139, undefined],
  ustat: [136, undefined],
  uselib: [134, undefined],
  sysctl: [156, undefined],
  settimeofday: [164, 170],
  clock_settime: [227, 112],
  iopl: [172, undefined],
  ioperm: [173, undefined],
  vhangup: [153, 58],
}

const special = {
  clone: [56, 220],
  clone3: [435, 435],
  unshare: [272, 97],
  socket: [41, 198],
  socketpair: [53, 199],
  ioctl: [16, 29],
} as const

type SpecialCalls = Readonly<Record<keyof typeof special, number>>

/** Those that are refused whatever their arguments. */
export const refusedCalls = (processor: string): readonly number[] =>
  Object.values(refused).flatMap(([x64, arm64]) => (processor === 'x64' ? x64 : arm64) ?? [])

/** Those that are refused with some arguments. */
export function specialCalls(processor: string): SpecialCalls {
  const number = (name: keyof typeof special) => special[name][processor === 'x64' ? 0 : 1]
  return {
    clone: number('clone'),
    clone3: number('clone3'),
    unshare: number('unshare'),
    socket: number('socket'),
    socketpair: number('socketpair'),
    ioctl: number('ioctl'),
  }
}
