/** The programs of each product that clusters run. */

export type ProductName = 'kubernetes' | 'etcd'

export interface ProgramNames {
  readonly needed: readonly string[]
  /** Taken along where they are. */
  readonly extra: readonly string[]
}

export const programNames: Readonly<Record<ProductName, ProgramNames>> = {
  kubernetes: {
    needed: ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kubelet', 'kube-proxy', 'kubectl'],
    extra: [],
  },
  etcd: { needed: ['etcd', 'etcdctl'], extra: ['etcdutl'] },
}
