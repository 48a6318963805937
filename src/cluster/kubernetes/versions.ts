/**
 * Everything that differs by version of Kubernetes and matters here: what is rendered, which etcd it wants, and which
 * limits verdicts have.
 *
 * To add a version: add it to `known`, and say in `changes` what it does differently from the one before it. A version
 * between two entries has what the earlier one says; one that is newer than all has what the last one says.
 * docs/versions.md has the whole course.
 */
import type { KubeProxyMode } from '../spec.ts'

export interface KubernetesTraits {
  /** Feature gates without which a cluster of two families does not work: "IPv6DualStack=true". */
  readonly dualStackGates: readonly string[]
  /** Flags of controller-manager and scheduler without which they answer everybody without authentication. */
  readonly noInsecurePort: readonly string[]
  /** Flags of kubelet that only some versions want, or have. */
  readonly kubeletFlags: readonly string[]
  /** Lines of kubelet's configuration file that only some versions know. */
  readonly kubeletConfig: readonly string[]
  /** What its kube-proxy can do here. */
  readonly kubeProxyModes: readonly KubeProxyMode[]
  /** Where the API has the endpoints of services in slices, beside the older Endpoints. */
  readonly endpointSliceApi: string
  /** The format of kubelet's configuration file. All other programs are configured by flags. */
  readonly kubeletConfigApi: string
  /** Whether an apiserver that ends can ask clients on kept connections to go elsewhere, and come back later. */
  readonly sendsRetryAfter: boolean
  /** Whether an apiserver that ends can give watches time to end, instead of cutting them. */
  readonly endsWatches: boolean
  /** What haproxy asks an apiserver, to know whether it takes requests; nothing about etcd, see haproxy's template. */
  readonly readyPath: string
  /**
   * An apiserver's connection to an etcd member that fell silent ends after this time: the keep-alive time-out of its
   * client, which gRPC sets as TCP's user time-out, too (k8s.io/apiserver storagebackend/factory/etcd3.go, gRPC
   * proposal A18).
   */
  readonly etcdClientTimeoutMs: number
  /** How long such a connection may be quiet before the client asks whether the member is there (the same file). */
  readonly etcdClientKeepaliveMs: number
  /**
   * Leases of the endpoints of the service `kubernetes` (pkg/controlplane, reconciler "lease"), and how often it
   * looks.
   */
  readonly endpointLeaseMs: number
  readonly endpointPeriodMs: number
  /** A retry of a leader election comes up to so much of its period late (client-go's JitterFactor). */
  readonly electionJitter: number
  /** Its apiservers compare their caches with etcd (feature gate DetectCacheInconsistency). */
  readonly checksCache: boolean
  /** The etcd that runs unless another is chosen: a version, or "image" for the one of the VM image. */
  readonly etcd: string
  /** Its kubelet speaks version 1 of CRI. Before, it spoke v1alpha2 only, which containerd has until 1.7. */
  readonly hasCriV1: boolean
}

/** The minor versions whose differences stand below, the oldest first. docs/versions.md says what was run with each. */
export const known = ['1.20', '1.34', '1.35', '1.36', '1.37'] as const

const oldestKnown = known[0]
/** For a cluster whose version is not known, or does not matter. */
export const newestKnown = '1.37'

/** What runs unless a version is chosen. */
export const defaultVersion = '1.36.3'
/** What runs instead when the default can be had from nowhere: Debian has its source. */
export const fallbackVersion = '1.20.2'

/** The containerd of the VM image, by the suite of Debian that the image is made of. */
const containerdOf: Readonly<Record<string, number>> = { bookworm: 1.6, trixie: 1.7, forky: 2.1 }

const changes: readonly (readonly [minor: string, change: Partial<KubernetesTraits>])[] = [
  // On by default since, and later no gate any more.
  ['1.21', { dualStackGates: [], endpointSliceApi: 'discovery.k8s.io/v1' }],
  // --shutdown-send-retry-after (k8s.io/apiserver pkg/server/options/server_run_options.go).
  ['1.22', { sendsRetryAfter: true }],
  // Only the ports with authentication are left, and the flag of the other one is unknown.
  ['1.24', { noInsecurePort: [] }],
  // Since then a second check of etcd stands beside the first (k8s.io/apiserver pkg/server/options/etcd.go).
  ['1.25', { readyPath: '/readyz?exclude=etcd&exclude=etcd-readiness' }],
  ['1.26', { hasCriV1: true }],
  // Until then kubelet needed a flag that says that the runtime is not Docker; since then the flag is unknown.
  ['1.27', { kubeletFlags: [] }],
  // --shutdown-watch-termination-grace-period, in the same file.
  ['1.28', { endsWatches: true }],
  // From 1.35 on kubelet refuses control groups of version 1 unless this is set (KEP 5573).
  ['1.31', { kubeletConfig: ['failCgroupV1: false'] }],
  // kubeadm's etcd is 3.6 from here on.
  ['1.34', { etcd: '3.6.16', checksCache: true }],
  // The mode is older (1.31), but before this version it cannot read the rules of nft 1.1, which the VM image has.
  ['1.36', { kubeProxyModes: ['iptables', 'nftables'] }],
]

const oldest: KubernetesTraits = {
  dualStackGates: ['IPv6DualStack=true'],
  noInsecurePort: ['--port=0'],
  kubeletFlags: ['--container-runtime=remote'],
  kubeletConfig: [],
  kubeProxyModes: ['iptables'],
  endpointSliceApi: 'discovery.k8s.io/v1beta1',
  kubeletConfigApi: 'kubelet.config.k8s.io/v1beta1',
  sendsRetryAfter: false,
  endsWatches: false,
  readyPath: '/readyz?exclude=etcd',
  etcdClientTimeoutMs: 10_000,
  etcdClientKeepaliveMs: 30_000,
  endpointLeaseMs: 15_000,
  endpointPeriodMs: 10_000,
  electionJitter: 1.2,
  checksCache: false,
  etcd: 'image',
  hasCriV1: false,
}

/** "1.36.3", "1.36.3-rc.1", "1.36": anything that begins with a minor version. */
export const isVersion = (text: string): boolean => numberOf(text) !== undefined

export function traitsOf(version: string = newestKnown): KubernetesTraits {
  const wanted = numberOf(version)
  if (wanted === undefined) throw new Error(`not a version of Kubernetes: ${version}`)
  const changed = changes.filter(([minor]) => (numberOf(minor) ?? 0) <= wanted).map(([, change]) => change)
  return Object.assign({}, oldest, ...changed)
}

/** Why a version cannot be used; undefined when it can. `suite`: that of the VM image, where it is known. */
export function refusalOf(version: string, suite?: string): string | undefined {
  if ((numberOf(version) ?? 0) < (numberOf(oldestKnown) ?? 0))
    return `it is too old; ${oldestKnown} is the oldest that is known here`
  const containerd = suite === undefined ? undefined : containerdOf[suite]
  if (containerd === undefined || containerd < 2 || traitsOf(version).hasCriV1) return undefined
  return `its kubelet cannot work with containerd ${containerd}, which the VM image of Debian ${suite} has: it wants CRI v1alpha2`
}

/** What to know about a version whose differences are not known; undefined when they are. */
export function warningOf(version: string): string | undefined {
  const minor = version.split('.').slice(0, 2).join('.')
  if (known.some(one => one === minor)) return undefined
  if ((numberOf(version) ?? 0) > (numberOf(newestKnown) ?? 0))
    return `Kubernetes ${version} is newer than all known versions: it is configured like ${newestKnown}`
  return `Kubernetes ${version} is none of the known versions (${known.join(', ')}): it is configured like an older one`
}

/** Comparable: 1020 for "1.20". */
function numberOf(version: string): number | undefined {
  const [, major, minor] = /^(\d+)\.(\d{1,3})(?:\.|$)/.exec(version) ?? []
  return major === undefined ? undefined : Number(major) * 1000 + Number(minor)
}
