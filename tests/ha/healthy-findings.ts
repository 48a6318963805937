/** What is found where nothing went wrong; each test breaks one thing in it. */
import type { ProbeRecord } from '../../src/ha/record/record.ts'
import type { Findings } from '../../src/ha/verdict/findings.ts'

export const probe = (name: string, changes: Partial<ProbeRecord> = {}): ProbeRecord => ({
  name,
  how: '',
  vm: null,
  attempts: 100,
  failures: 0,
  outages: [],
  longestOutageMs: 0,
  p50Ms: 5,
  p99Ms: 12,
  errors: {},
  binMs: 100,
  bins: [],
  ...changes,
})

export const healthy: Findings = {
  began: true,
  tookMs: 10_000,
  faults: [],
  healedAtMs: 0,
  recoveryMs: null,
  late: [],
  restarts: [],
  refusals: [],
  cacheChecks: { checks: 12, failed: [] },
  died: [],
  unwell: [],
  probes: [probe('api-read'), probe('api-write')],
  vip: [{ vm: 'vm-191', vip: '192.168.1.200', fromMs: 0, toMs: null }],
  raft: {
    fromTerm: 2,
    toTerm: 2,
    elections: 0,
    leaders: [{ vm: 'vm-193', fromMs: 0, toMs: null }],
  },
  leases: [{ lease: 'kube-scheduler', holders: [{ holder: 'vm-001', fromMs: 0, toMs: null }] }],
  nodes: [],
  watch: { events: 50, gaps: 0, duplicates: 0, cuts: [] },
  probeCost: { coreShare: 0.08 },
  acknowledgedWrites: 100,
  lostWrites: [],
  silentMembers: [],
  orderViolations: [],
  hashes: ['vm-193', 'vm-194', 'vm-195'].map(vm => ({ vm, hash: 'abc', revision: 500 })),
}
