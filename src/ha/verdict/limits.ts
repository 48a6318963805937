/**
 * How long a client may have to wait after a fault, computed from the timers that the cluster was configured with. Each
 * limit has a floor as well: nobody can promise less without other timers.
 */
import { traitsOf } from '../../cluster/kubernetes/versions.ts'
import { vrrpPriority } from '../../cluster/render/load-balancer.ts'
import { type ClusterSpec, withRole } from '../../cluster/spec.ts'
import type { Timers } from '../../cluster/timers.ts'

export interface Limit {
  readonly ms: number
  /** The best that these timers allow. */
  readonly floorMs: number
  /** "3 × 1000 ms adverts + 453 ms skew + 700 ms" */
  readonly formula: string
}

interface Basis {
  readonly timers: Timers
  readonly spec: ClusterSpec
}

/**
 * What scheduling, ARP or neighbour discovery and a client's own time-out add: measured with keepalived under load. It
 * is the part of a limit that is work of the machine.
 */
export const slackMs = 700

/** Of a connection that is not answered: 1, 2 and 4 s (RFC 6298). */
const synRepeatsMs = 7000

/** The longest pause between two repetitions of what is not acknowledged, in the first ten seconds (RFC 6298). */
const tcpRepeatMs = 6400

const limits = {
  /** Nobody is gone: etcd's members wait that long before they act, and so no silence of the healthy is longer. */
  unnoticed: ({ timers: { etcd } }) => ({
    ms: etcd.electionMs + slackMs,
    floorMs: 0,
    formula: `${etcd.electionMs} ms election time-out + ${slackMs} ms`,
  }),
  /** The owner of the VIP falls silent; the next one misses three adverts and waits for its skew (RFC 5798, 6.1). */
  'vip-move': basis => {
    const { advertIntervalMs: advert } = basis.timers.vrrp
    const skew = skewMs(basis)
    const slack = Math.min(slackMs, slackMs / 2 + advert)
    return {
      ms: 3 * advert + skew + slack,
      floorMs: 2 * advert + skew,
      formula: `3 × ${advert} ms adverts + ${skew} ms skew + ${slack} ms`,
    }
  },
  /** The owner says goodbye (priority 0): the next one waits for its skew only. */
  'vip-release': basis => {
    const skew = skewMs(basis)
    return { ms: skew + slackMs, floorMs: 0, formula: `${skew} ms skew + ${slackMs} ms` }
  },
  /** keepalived finds its haproxy dead, and says goodbye. */
  'haproxy-down': basis => {
    const { intervalMs, timeoutMs, fall } = basis.timers.haproxyCheck
    const skew = skewMs(basis)
    return {
      ms: fall * intervalMs + timeoutMs + skew + slackMs,
      floorMs: (fall - 1) * intervalMs,
      formula: `${fall} × ${intervalMs} ms checks + ${timeoutMs} ms time-out + ${skew} ms skew + ${slackMs} ms`,
    }
  },
  'backend-down': backendDown,
  /** An apiserver is alive and reaches no etcd member: haproxy asks the others only, as soon as it is sure of that. */
  'backend-without-etcd': ({ timers: { apiCheck } }) => {
    const { interMs, fastInterMs, timeoutMs, fall, etcdFall } = apiCheck
    return {
      ms: 2 * interMs + (etcdFall - 1 + fall - 1) * fastInterMs + etcdFall * timeoutMs + 1000,
      floorMs: (etcdFall - 1 + fall - 1) * fastInterMs,
      formula: `2 × ${interMs} ms + ${etcdFall - 1 + fall - 1} × ${fastInterMs} ms between checks + ${etcdFall} × ${timeoutMs} ms time-out + 1000 ms`,
    }
  },
  /** The owner of the VIP reaches no apiserver, and another load balancer does: haproxy notices, and then keepalived. */
  'lb-without-backends': basis => {
    const { intervalMs, timeoutMs, usefulFall } = basis.timers.haproxyCheck
    const down = backendDown(basis)
    const skew = skewMs(basis)
    return {
      ms: down.ms + usefulFall * intervalMs + timeoutMs + skew + slackMs,
      floorMs: down.floorMs + (usefulFall - 1) * intervalMs,
      formula: `${down.formula} + ${usefulFall} × ${intervalMs} ms checks + ${timeoutMs} ms time-out + ${skew} ms skew + ${slackMs} ms`,
    }
  },
  /**
   * A silent apiserver is back. What etcd sent to it meanwhile is repeated after 0.2 s, and twice as long each time, so
   * for up to 6.4 s it gets no answers on some connections; those that were silent for longer it makes anew.
   */
  'backend-return': basis => {
    const { ms, floorMs, formula } = backendDown(basis)
    return { ms: ms + tcpRepeatMs, floorMs, formula: `${formula} + ${tcpRepeatMs} ms until TCP repeats` }
  },
  /** Members miss the leader for one to two election time-outs (raft draws them at random), and vote. */
  'etcd-election': ({ timers: { etcd } }) => ({
    ms: 2 * etcd.electionMs + 1000,
    floorMs: etcd.electionMs,
    formula: `2 × ${etcd.electionMs} ms election time-out + 1000 ms`,
  }),
  /** An apiserver's connection to a member that fell silent without a goodbye. */
  'etcd-client': basis =>
    etcdClient(basis, [[traitsOf(basis.spec.kubernetes).etcdClientTimeoutMs, 'TCP user time-out']]),
  /**
   * A member that was silent is back before its clients gave it up. It answers them only when its peers have connected
   * to it anew, and TCP repeats their first packet after 1, 2 and 4 s.
   */
  'etcd-return': basis =>
    etcdClient(basis, [
      [traitsOf(basis.spec.kubernetes).etcdClientTimeoutMs, 'TCP user time-out'],
      [synRepeatsMs, "until TCP's third repetition"],
    ]),
  /** The same to a member that stands still, while its machine goes on to accept what is sent. */
  'etcd-client-frozen': basis =>
    etcdClient(basis, [
      [traitsOf(basis.spec.kubernetes).etcdClientKeepaliveMs, 'between keep-alives'],
      [traitsOf(basis.spec.kubernetes).etcdClientTimeoutMs, 'time-out'],
    ]),
  /** controller-manager or scheduler falls silent, and another takes the lease when that has run out. */
  'lease-takeover': ({ timers: { leaderElection }, spec }) => {
    const { leaseMs, retryPeriodMs } = leaderElection
    const retries = 1 + traitsOf(spec.kubernetes).electionJitter
    return {
      ms: leaseMs + retries * retryPeriodMs + 1000,
      floorMs: leaseMs - retryPeriodMs,
      formula: `${leaseMs} ms lease + ${retries} × ${retryPeriodMs} ms retry period + 1000 ms`,
    }
  },
  /** The endpoints of the service `kubernetes` lose an apiserver that is gone. */
  'endpoint-lease': ({ spec }) => {
    const { endpointLeaseMs, endpointPeriodMs } = traitsOf(spec.kubernetes)
    return {
      ms: endpointLeaseMs + endpointPeriodMs,
      floorMs: 0,
      formula: `${endpointLeaseMs} ms lease + ${endpointPeriodMs} ms between looks`,
    }
  },
} satisfies Readonly<Record<string, (basis: Basis) => Limit>>

export type LimitName = keyof typeof limits
export const limitNames = Object.keys(limits) as readonly LimitName[]

export const limitOf = (name: LimitName, basis: Basis): Limit => limits[name](basis)

/** haproxy finds an apiserver silent: a check is a connection and an answer. */
function backendDown({ timers: { apiCheck, proxy } }: Basis): Limit {
  const { interMs, fastInterMs, timeoutMs, fall } = apiCheck
  const check = Math.min(proxy.connectTimeoutMs, interMs) + timeoutMs
  return {
    ms: interMs + (fall - 1) * fastInterMs + fall * check + 1000,
    floorMs: (fall - 1) * fastInterMs,
    formula: `${interMs} ms + ${fall - 1} × ${fastInterMs} ms between checks + ${fall} × ${check} ms time-out + 1000 ms`,
  }
}

/** An apiserver goes on without a member: after these waits, and the election that may be under way. */
function etcdClient({ timers: { etcd } }: Basis, waits: readonly (readonly [ms: number, what: string])[]): Limit {
  return {
    ms: waits.reduce((sum, [ms]) => sum + ms, 2 * etcd.electionMs + 2000),
    floorMs: 0,
    formula: `${waits.map(([ms, what]) => `${ms} ms ${what}`).join(' + ')} + 2 × ${etcd.electionMs} ms election time-out + 2000 ms`,
  }
}

/** Of the load balancer with the lowest priority: (256 − priority) / 256 of the interval between adverts. */
function skewMs({ timers, spec }: Basis): number {
  const priorities = withRole(spec, 'load-balancer').map(vm => vrrpPriority(spec, timers, vm))
  const lowest = Math.min(timers.vrrp.firstPriority, ...priorities)
  return Math.round(((256 - lowest) / 256) * timers.vrrp.advertIntervalMs)
}
