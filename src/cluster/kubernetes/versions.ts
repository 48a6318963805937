/**
 * Everything that differs by version of Kubernetes and matters here: what is rendered, and which limits verdicts have.
 *
 * To add a version: say in `changes` what it does differently from the one before it, and raise `newestKnown`. A
 * version between two entries has what the earlier one says; one that is newer than all has what the last one says.
 */

export interface KubernetesTraits {
  /** Feature gates without which a cluster of two families does not work: "IPv6DualStack=true". */
  readonly dualStackGates: readonly string[]
  /** Flags of kubelet that only some versions want, or have. */
  readonly kubeletFlags: readonly string[]
  /** Lines of kubelet's configuration file that only some versions know. */
  readonly kubeletConfig: readonly string[]
  /** The format of kubelet's configuration file. All other programs are configured by flags. */
  readonly kubeletConfigApi: string
  /** What haproxy asks an apiserver, to know whether it takes requests; nothing about etcd, see haproxy's template. */
  readonly readyPath: string
  /**
   * An apiserver's connection to an etcd member that fell silent ends after this time: the keep-alive time-out of its
   * client, which gRPC sets as TCP's user time-out, too (k8s.io/apiserver storagebackend/factory/etcd3.go, gRPC
   * proposal A18).
   */
  readonly etcdClientTimeoutMs: number
  /**
   * Leases of the endpoints of the service `kubernetes` (pkg/controlplane, reconciler "lease"), and how often it
   * looks.
   */
  readonly endpointLeaseMs: number
  readonly endpointPeriodMs: number
  /** A retry of a leader election comes up to so much of its period late (client-go's JitterFactor). */
  readonly electionJitter: number
}

/** The newest on which everything was tried. For a cluster whose version is not known, or does not matter. */
export const newestKnown = '1.20'

const changes: readonly (readonly [minor: string, change: Partial<KubernetesTraits>])[] = [
  // On by default since, and later no gate any more.
  ['1.21', { dualStackGates: [] }],
  // Since then a second check of etcd stands beside the first (k8s.io/apiserver pkg/server/options/etcd.go).
  ['1.25', { readyPath: '/readyz?exclude=etcd&exclude=etcd-readiness' }],
  // Until then kubelet needed a flag that says that the runtime is not Docker; since then the flag is unknown.
  ['1.27', { kubeletFlags: [] }],
  // From 1.35 on kubelet refuses control groups of version 1 unless this is set (KEP 5573).
  ['1.31', { kubeletConfig: ['failCgroupV1: false'] }],
]

const oldest: KubernetesTraits = {
  dualStackGates: ['IPv6DualStack=true'],
  kubeletFlags: ['--container-runtime=remote'],
  kubeletConfig: [],
  kubeletConfigApi: 'kubelet.config.k8s.io/v1beta1',
  readyPath: '/readyz?exclude=etcd',
  etcdClientTimeoutMs: 10_000,
  endpointLeaseMs: 15_000,
  endpointPeriodMs: 10_000,
  electionJitter: 1.2,
}

/** "1.36.3", "1.36.3-rc.1", "1.36": anything that begins with a minor version. */
export const isVersion = (text: string): boolean => numberOf(text) !== undefined

export function traitsOf(version: string = newestKnown): KubernetesTraits {
  const wanted = numberOf(version)
  if (wanted === undefined) throw new Error(`not a version of Kubernetes: ${version}`)
  const changed = changes.filter(([minor]) => (numberOf(minor) ?? 0) <= wanted).map(([, change]) => change)
  return Object.assign({}, oldest, ...changed)
}

/** Comparable: 1020 for "1.20". */
function numberOf(version: string): number | undefined {
  const [, major, minor] = /^(\d+)\.(\d{1,3})(?:\.|$)/.exec(version) ?? []
  return major === undefined ? undefined : Number(major) * 1000 + Number(minor)
}
