/** What a CNI of a folder wants of the VMs, by its file cni.yaml. */
export interface CniWants {
  /** File systems that each node mounts. */
  readonly mounts: readonly CniMount[]
  /** Of the kernel. */
  readonly modules: readonly string[]
}

export const cniMounts = ['bpf'] as const
export type CniMount = (typeof cniMounts)[number]

export const mountPoints: Readonly<Record<CniMount, string>> = { bpf: '/sys/fs/bpf' }
