/** Who leads among the controller-managers, and among the schedulers. */

/** Who leads among the controller-managers, and among the schedulers. */
export const leases = ['kube-controller-manager', 'kube-scheduler'] as const

export const leasesPath = '/apis/coordination.k8s.io/v1/namespaces/kube-system/leases'
