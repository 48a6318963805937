/** Every time that decides how fast a fault is noticed; budgets are computed from these, configurations rendered. */
export interface Timers {
  readonly vrrp: {
    readonly advertIntervalMs: number
    /** The first load balancer's; each next one's is lower by `priorityStep`, so that no two are equal. */
    readonly firstPriority: number
    readonly priorityStep: number
    /** How often the owner repeats its gratuitous ARP or NA, so that a split brain's traces go away. */
    readonly garpRefreshMs: number
    /** Whether a load balancer with a higher priority takes the VIP back when it returns. */
    readonly preempt: boolean
  }
  /** keepalived's look at the haproxy beside it. */
  readonly haproxyCheck: {
    readonly intervalMs: number
    readonly timeoutMs: number
    readonly fall: number
    readonly rise: number
    /** Failures until a haproxy counts as useless, because another one reaches an apiserver and it does not. */
    readonly usefulFall: number
  }
  /** haproxy's look at each apiserver. */
  readonly apiCheck: {
    readonly interMs: number
    /** Once a check has failed, or succeeded again. */
    readonly fastInterMs: number
    readonly downInterMs: number
    readonly timeoutMs: number
    readonly fall: number
    readonly rise: number
    /** Failures until an apiserver counts as one that does not reach etcd. */
    readonly etcdFall: number
  }
  readonly proxy: {
    readonly connectTimeoutMs: number
    /** Of a connection through haproxy; longer than any quiet time of a watch. */
    readonly idleTimeoutMs: number
  }
  readonly etcd: { readonly heartbeatMs: number; readonly electionMs: number }
  /** Leader election of controller-manager and scheduler. */
  readonly leaderElection: {
    readonly leaseMs: number
    readonly renewDeadlineMs: number
    readonly retryPeriodMs: number
  }
  readonly kubelet: { readonly statusUpdateMs: number; readonly statusReportMs: number }
  /** controller-manager's look at the nodes. */
  readonly nodeMonitor: { readonly periodMs: number; readonly graceMs: number }
}

export type TimerProfile = 'default' | 'fast'

const defaults: Timers = {
  vrrp: { advertIntervalMs: 1000, firstPriority: 150, priorityStep: 10, garpRefreshMs: 5000, preempt: true },
  haproxyCheck: { intervalMs: 1000, timeoutMs: 1000, fall: 2, rise: 1, usefulFall: 3 },
  apiCheck: { interMs: 1000, fastInterMs: 500, downInterMs: 500, timeoutMs: 1000, fall: 2, rise: 1, etcdFall: 3 },
  proxy: { connectTimeoutMs: 1000, idleTimeoutMs: 3_600_000 },
  etcd: { heartbeatMs: 100, electionMs: 1000 },
  leaderElection: { leaseMs: 15_000, renewDeadlineMs: 10_000, retryPeriodMs: 2000 },
  // A node turns Ready with its second status update: kubelet's 10 s would be most of the boot time.
  kubelet: { statusUpdateMs: 1000, statusReportMs: 1000 },
  nodeMonitor: { periodMs: 5000, graceMs: 40_000 },
}

const fast: Timers = {
  ...defaults,
  vrrp: { ...defaults.vrrp, advertIntervalMs: 100 },
  haproxyCheck: { intervalMs: 200, timeoutMs: 300, fall: 2, rise: 1, usefulFall: 8 },
  apiCheck: { interMs: 500, fastInterMs: 200, downInterMs: 200, timeoutMs: 500, fall: 2, rise: 1, etcdFall: 3 },
  proxy: { ...defaults.proxy, connectTimeoutMs: 300 },
}

export function timersOf(profile: TimerProfile, options: { readonly preempt: boolean }): Timers {
  const timers = { default: defaults, fast }[profile]
  return { ...timers, vrrp: { ...timers.vrrp, preempt: options.preempt } }
}
