/**
 * The record's format as a schema: what is read from disk is checked by it, and docs/ describes it to other programs.
 */
import * as v from 'valibot'
import { roles } from '../../cluster/spec.ts'
import { recordFormat, type ScenarioRecord } from './record.ts'

const ms = v.pipe(v.number(), v.description('milliseconds'))
export const sinceBeginning = v.pipe(v.number(), v.description('milliseconds since the beginning of the scenario'))
const count = v.number()
const span = {
  fromMs: sinceBeginning,
  toMs: v.pipe(v.nullable(sinceBeginning), v.description('null: until the end')),
}

const timers = v.object({
  vrrp: v.object({
    advertIntervalMs: ms,
    firstPriority: v.number(),
    priorityStep: v.number(),
    garpRefreshMs: ms,
    preempt: v.boolean(),
  }),
  haproxyCheck: v.object({ intervalMs: ms, timeoutMs: ms, fall: count, rise: count, usefulFall: v.optional(count, 0) }),
  apiCheck: v.object({
    interMs: ms,
    fastInterMs: ms,
    downInterMs: ms,
    timeoutMs: ms,
    fall: count,
    rise: count,
    etcdFall: v.optional(count, 0),
  }),
  proxy: v.object({ connectTimeoutMs: ms, idleTimeoutMs: ms }),
  etcd: v.object({ heartbeatMs: ms, electionMs: ms }),
  leaderElection: v.object({ leaseMs: ms, renewDeadlineMs: ms, retryPeriodMs: ms }),
  kubelet: v.object({ statusUpdateMs: ms, statusReportMs: ms }),
  nodeMonitor: v.object({ periodMs: ms, graceMs: ms }),
})

const role = v.picklist(roles)

const cluster = v.object({
  name: v.string(),
  driver: v.string(),
  family: v.picklist(['IPv4', 'IPv6', 'dual']),
  topology: v.picklist(['external', 'stacked']),
  vms: v.array(v.object({ id: v.number(), name: v.string(), roles: v.array(role) })),
  vips: v.array(v.string()),
  versions: v.pipe(v.record(v.string(), v.string()), v.description('by program, as it says itself')),
  defect: v.pipe(v.nullable(v.string()), v.description('the planted defect that the cluster was started with')),
  insteadOf: v.pipe(
    v.optional(v.nullable(v.string()), null),
    v.description('the version of Kubernetes that no place had'),
  ),
})

const probe = v.object({
  name: v.string(),
  how: v.pipe(v.string(), v.description('its connection behaviour')),
  vm: v.pipe(v.nullable(v.string()), v.description('the VM it asks, when it asks one only')),
  attempts: count,
  failures: count,
  outages: v.array(v.object(span)),
  longestOutageMs: ms,
  p50Ms: v.nullable(ms),
  p99Ms: v.nullable(ms),
  errors: v.pipe(v.record(v.string(), count), v.description('what failed requests said, with how often')),
  binMs: ms,
  bins: v.pipe(
    v.array(v.tuple([count, count])),
    v.description('per bin: requests that succeeded, and that failed, by when they began'),
  ),
})

const measure = v.object({
  measure: v.string(),
  unit: v.picklist(['ms', 'count', 'percent']),
  measured: v.number(),
  limit: v.pipe(v.nullable(v.number()), v.description('null: measured for information')),
  because: v.pipe(v.string(), v.description('where the limit comes from')),
  holds: v.boolean(),
})

const raft = v.object({
  fromTerm: count,
  toTerm: count,
  elections: v.pipe(count, v.description('changes of leader that were seen')),
  leaders: v.array(v.object({ ...span, vm: v.string() })),
})

const watch = v.object({
  events: count,
  gaps: v.pipe(count, v.description('changes that the watch never reported')),
  duplicates: count,
  cuts: v.pipe(v.array(sinceBeginning), v.description('when its connection ended before the probe ended it')),
})

export const verdictSchema = v.picklist(['passed', 'failed', 'caught', 'skipped', 'interrupted', 'not judged'])

export const stepSchema = v.object({
  ...span,
  step: v.string(),
  seen: v.string(),
  figure: v.nullable(v.string()),
  holds: v.boolean(),
})

export const faultSchema = v.object({ ...span, fault: v.string(), vm: v.string(), detail: v.nullable(v.string()) })

export const recordSchema: v.GenericSchema<unknown, ScenarioRecord> = v.object({
  format: v.literal(recordFormat),
  scenario: v.string(),
  description: v.string(),
  task: v.pipe(v.string(), v.description('the task that ran it')),
  verdict: verdictSchema,
  reasons: v.pipe(
    v.array(v.string()),
    v.description('why it failed, was skipped or not judged, the most important reason first'),
  ),
  startedAt: v.pipe(v.string(), v.isoTimestamp()),
  tookMs: ms,
  seed: v.number(),
  cluster,
  timers,
  steps: v.array(stepSchema),
  faults: v.array(faultSchema),
  probes: v.array(probe),
  measures: v.array(measure),
  vip: v.array(v.object({ ...span, vm: v.string(), vip: v.string() })),
  raft: v.nullable(raft),
  leases: v.array(v.object({ lease: v.string(), holders: v.array(v.object({ ...span, holder: v.string() })) })),
  nodes: v.array(v.object({ node: v.string(), notReady: v.array(v.object(span)) })),
  watch: v.nullable(watch),
  invariants: v.array(v.object({ name: v.string(), claim: v.string(), holds: v.boolean(), seen: v.string() })),
  lostWrites: v.pipe(
    v.nullable(count),
    v.description(
      "acknowledged writes that etcd's history does not hold; null: nothing was written, or it is not known",
    ),
  ),
  recoveryMs: v.pipe(v.nullable(ms), v.description('from the heal until all was well; null: never, or nothing broke')),
  probeCost: v.nullable(
    v.object({ coreShare: v.pipe(v.number(), v.description('CPU time of all probes, as a share of one core')) }),
  ),
  cpuWait: v.pipe(
    v.nullable(v.number()),
    v.description('share of the time in which something on the machine waited for a CPU'),
  ),
  lateMs: v.pipe(
    v.optional(v.nullable(ms), null),
    v.description('how long probes stood still although requests were due, in all: the doing of the machine'),
  ),
  slowness: v.pipe(
    v.optional(v.nullable(v.number()), null),
    v.description('how many times slower than a usual machine this one is, as it measured itself'),
  ),
  logs: v.array(v.object({ vm: v.string(), log: v.string(), tail: v.string() })),
})
