/** A run's folder as a flow with scenarios leaves it: one passed, one failed with everything wrong, one skipped. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { timersOf } from '../../src/cluster/timers.ts'
import type { RunEvent } from '../../src/engine/events.ts'
import type { Measure, ProbeRecord, ScenarioRecord, Span } from '../../src/ha/record/record.ts'

/** What a hostile program could print. */
export const hostile = `</script></pre><img src=x onerror=alert(1)> & "quotes" 'and' \u001b[31mred\u0007 \u202Eturned ]]> ${'x'.repeat(300)}`

const vms: ScenarioRecord['cluster']['vms'] = [
  { id: 1, name: 'vm-001', roles: ['control-plane'] },
  { id: 2, name: 'vm-002', roles: ['control-plane'] },
  { id: 3, name: 'vm-003', roles: ['worker'] },
  { id: 4, name: 'vm-004', roles: ['worker'] },
  { id: 191, name: 'vm-191', roles: ['load-balancer'] },
  { id: 192, name: 'vm-192', roles: ['load-balancer'] },
  { id: 193, name: 'vm-193', roles: ['etcd'] },
  { id: 194, name: 'vm-194', roles: ['etcd'] },
  { id: 195, name: 'vm-195', roles: ['etcd'] },
]
const vip = 'fd00::c0a8:1c8'

export const passedRecord: ScenarioRecord = {
  format: 1,
  scenario: 'lb-owner-stop',
  description: 'The load balancer that owns the VIP is stopped; the other takes over',
  task: 'lb-owner-stop',
  verdict: 'passed',
  reasons: [],
  startedAt: '2026-01-01T00:00:21.000Z',
  tookMs: 12_000,
  seed: 4711,
  cluster: {
    name: 'ha',
    driver: 'netns',
    family: 'IPv6',
    topology: 'external',
    vms,
    vips: [vip],
    versions: { etcd: '3.4.23', haproxy: '2.6.12', keepalived: '2.3.4', kubernetes: 'v1.20.2' },
    defect: null,
    insteadOf: null,
  },
  timers: timersOf('default', { preempt: true }),
  steps: [
    { step: 'stop vm-191', seen: 'stopped', figure: null, holds: true, fromMs: 1200, toMs: 1210 },
    { step: 'api-works', seen: '10 answers in a row', figure: '4.2 s', holds: true, fromMs: 1210, toMs: 5400 },
    { step: 'resume vm-191', seen: 'resumed', figure: null, holds: true, fromMs: 7400, toMs: 7420 },
  ],
  faults: [{ fault: 'stop', vm: 'vm-191', detail: null, fromMs: 1200, toMs: 7400 }],
  probes: [
    probe('api-read', { outage: { fromMs: 1220, toMs: 5110 } }),
    probe('api-write', { outage: { fromMs: 1250, toMs: 5150 } }),
    probe('api-keepalive', { outage: { fromMs: 1260, toMs: 5200 } }),
    probe('etcd-linearizable', { vm: 'vm-193' }),
    probe('etcd-linearizable', { vm: 'vm-194' }),
    probe('etcd-linearizable', { vm: 'vm-195' }),
  ],
  measures: [
    measure('reads', 3890, 4064, vipMove()),
    measure('writes', 3900, 4064, vipMove()),
    measure('keep-alive', 3940, 4064, vipMove()),
    measure('reads-disturbed', 3950, 4064, `1 s more than reads: ${vipMove()}`),
    { ...measure('reads-failed', 21.4, 52.3, '1 × 4.1 s in 7.8 s'), unit: 'percent' },
    { ...measure('elections', 0, 0, 'set by the scenario'), unit: 'count' },
    measure('no-vip', 3600, null, ''),
  ],
  vip: [
    { vm: 'vm-191', vip, fromMs: 0, toMs: 1200 },
    { vm: 'vm-192', vip, fromMs: 4810, toMs: 7900 },
    { vm: 'vm-191', vip, fromMs: 7900, toMs: null },
  ],
  raft: { fromTerm: 2, toTerm: 2, elections: 0, leaders: [{ vm: 'vm-194', fromMs: 0, toMs: null }] },
  leases: [
    { lease: 'kube-controller-manager', holders: [{ holder: 'vm-001', fromMs: 0, toMs: null }] },
    { lease: 'kube-scheduler', holders: [{ holder: 'vm-002', fromMs: 0, toMs: null }] },
  ],
  nodes: ['vm-001', 'vm-002', 'vm-003', 'vm-004'].map(node => ({ node, notReady: [] })),
  watch: { events: 140, gaps: 0, duplicates: 0, cuts: [] },
  invariants: [
    {
      name: 'no-lost-writes',
      claim: 'every acknowledged write is in the history of every etcd member',
      holds: true,
      seen: '164 acknowledged, none lost',
    },
    {
      name: 'one-vip-owner',
      claim: 'one load balancer owns each VIP at the end, and the same one owns all',
      holds: true,
      seen: `vm-191 has ${vip}`,
    },
  ],
  lostWrites: 0,
  recoveryMs: 520,
  probeCost: { coreShare: 0.083 },
  cpuWait: 0.21,
  lateMs: 0,
  slowness: 1,
  logs: [],
}

export const failedRecord: ScenarioRecord = {
  ...passedRecord,
  scenario: 'partition-lbs',
  description: 'The load balancers do not see each other',
  task: 'partition-lbs[IPv6]',
  verdict: 'failed',
  reasons: [
    'no-lost-writes: expected: every acknowledged write is in the history of every etcd member; found: key probe/17 = 93 is not on vm-195; key probe/18 = 94 is not on vm-195',
    'writes: 5.31 s, and the budget is 4.06 s (vip-move = 3 × 1000 ms adverts + 414 ms skew + 700 ms)',
    hostile,
  ],
  startedAt: '2026-01-01T00:00:34.000Z',
  tookMs: 20_000,
  cluster: { ...passedRecord.cluster, defect: 'vrrp-passwords-differ' },
  steps: [
    { step: 'isolate vm-191', seen: 'isolated from vm-192', figure: null, holds: true, fromMs: 1500, toMs: 1520 },
    { step: 'vip-held', seen: '2 owners', figure: null, holds: false, fromMs: 1520, toMs: 11_520 },
  ],
  faults: [
    { fault: 'isolate', vm: 'vm-191', detail: 'from vm-192', fromMs: 1500, toMs: 11_600 },
    { fault: 'kill', vm: 'vm-194', detail: 'etcd, SIGKILL', fromMs: 6000, toMs: 6000 },
  ],
  probes: [
    probe('api-read', { tookMs: 20_000 }),
    probe('api-write', { tookMs: 20_000, outage: { fromMs: 6050, toMs: 11_360 } }),
    probe('api-keepalive', { tookMs: 20_000, outage: { fromMs: 6050, toMs: 8400 } }),
    { ...probe('app', { tookMs: 20_000 }), p50Ms: null, p99Ms: null, errors: { [hostile]: 7 } },
  ],
  measures: [
    measure('reads', 0, 4064, vipMove()),
    measure('writes', 5310, 4064, vipMove()),
    measure('keep-alive', 2350, 4064, vipMove()),
    measure('reads-disturbed', 900, 4064, `1 s more than reads: ${vipMove()}`),
    measure('writes-disturbed', 9_700, 4064, `1 s more than writes: ${vipMove()}`),
    { ...measure('reads-failed', 70, 80, ''), unit: 'percent' },
    { ...measure('writes-failed', 61.2, 40.6, '1 × 4.1 s in 10 s'), unit: 'percent' },
    { ...measure('elections', 1, 0, 'set by the scenario'), unit: 'count' },
    { ...measure('app', 0, 1000, 'not measured'), holds: false },
  ],
  vip: [
    { vm: 'vm-191', vip, fromMs: 0, toMs: null },
    { vm: 'vm-192', vip, fromMs: 5100, toMs: 12_200 },
    { vm: 'vm-192', vip, fromMs: 15_000, toMs: 15_900 },
  ],
  raft: {
    fromTerm: 2,
    toTerm: 3,
    elections: 1,
    leaders: [
      { vm: 'vm-194', fromMs: 0, toMs: 6000 },
      { vm: 'vm-193', fromMs: 7600, toMs: null },
    ],
  },
  leases: [
    {
      lease: 'kube-controller-manager',
      holders: [
        { holder: 'vm-001', fromMs: 0, toMs: 9000 },
        { holder: 'vm-002', fromMs: 12_000, toMs: null },
      ],
    },
  ],
  nodes: [{ node: 'vm-003', notReady: [{ fromMs: 8000, toMs: 15_000 }] }],
  watch: { events: 90, gaps: 2, duplicates: 0, cuts: [6100] },
  invariants: [
    {
      name: 'no-lost-writes',
      claim: 'every acknowledged write is in the history of every etcd member',
      holds: false,
      seen: 'key probe/17 = 93 is not on vm-195; key probe/18 = 94 is not on vm-195',
    },
  ],
  lostWrites: 2,
  recoveryMs: null,
  logs: [
    { vm: 'vm-195', log: 'etcd.log', tail: `etcd: panic: ${hostile}\nsecond line\n` },
    { vm: 'vm-192', log: 'keepalived.log', tail: 'received an invalid passwd!\n'.repeat(20) },
  ],
}

export const skippedRecord: ScenarioRecord = {
  ...passedRecord,
  scenario: 'power-cut',
  description: 'All etcd VMs lose their power',
  task: 'power-cut',
  verdict: 'skipped',
  reasons: ['driver netns cannot cut the power: the page cache survives'],
  startedAt: '2026-01-01T00:00:55.000Z',
  tookMs: 0,
  steps: [],
  faults: [],
  probes: [],
  measures: [],
  vip: [],
  raft: null,
  leases: [],
  nodes: [],
  watch: null,
  invariants: [],
  lostWrites: null,
  recoveryMs: null,
  probeCost: null,
  cpuWait: null,
  logs: [],
}

function vipMove(): string {
  return 'vip-move = 3 × 1000 ms adverts + 414 ms skew + 650 ms'
}

function measure(name: string, measured: number, limit: number | null, because: string): Measure {
  return { measure: name, unit: 'ms', measured, limit, because, holds: limit === null || measured <= limit }
}

interface ProbeFacts {
  readonly vm?: string
  readonly outage?: Span
  readonly tookMs?: number
}

function probe(name: string, { vm, outage, tookMs = 12_000 }: ProbeFacts): ProbeRecord {
  const end = outage?.toMs ?? 0
  const bins = Array.from({ length: tookMs / 100 }, (_, index): [number, number] => {
    const at = index * 100
    if (outage === undefined || at + 100 <= outage.fromMs || at >= end) return [2, 0]
    return at < outage.fromMs ? [1, 1] : [0, 1]
  })
  const failures = bins.reduce((sum, [, failed]) => sum + failed, 0)
  return {
    name,
    how: 'through the VIP, a new connection each, 250 ms time-out, 20/s',
    vm: vm ?? null,
    attempts: bins.reduce((sum, [succeeded]) => sum + succeeded, 0) + failures,
    failures,
    outages: outage === undefined ? [] : [outage],
    longestOutageMs: outage === undefined ? 0 : end - outage.fromMs,
    p50Ms: 3.4,
    p99Ms: 17.8,
    errors: failures === 0 ? {} : { 'no answer within 250 ms': failures },
    binMs: 100,
    bins,
  }
}

export const sampleRecords = [passedRecord, failedRecord, skippedRecord]

const at = (seconds: number): string => new Date(Date.UTC(2026, 0, 1) + seconds * 1000).toISOString()
const ended = (task: string, status: 'executed' | 'up-to-date' | 'failed' | 'skipped', second: number): RunEvent => ({
  type: 'task-finished',
  task,
  status,
  because: status === 'skipped' ? 'start-cluster[stacked] failed' : 'never cached',
  durationMs: 12_345,
  at: at(second),
})

const graph = [
  { name: 'build-keepalived', description: 'keepalived', type: 'build', needs: [] },
  { name: 'make-overlay', type: 'make-overlay', needs: ['build-keepalived'] },
  { name: 'start-cluster[ha]', type: 'start-cluster', needs: ['make-overlay'] },
  { name: 'start-cluster[stacked]', type: 'start-cluster', needs: ['make-overlay'] },
  { name: 'lb-owner-stop', type: 'run-scenario', needs: ['start-cluster[ha]'] },
  { name: 'partition-lbs[IPv6]', type: 'run-scenario', needs: ['start-cluster[ha]'] },
  { name: 'power-cut', type: 'run-scenario', needs: ['start-cluster[ha]'] },
  { name: 'never-ran', type: 'run-scenario', needs: ['start-cluster[stacked]'] },
  { name: 'stop-cluster', type: 'stop-cluster', needs: ['start-cluster[ha]'], after: ['lb-owner-stop', 'power-cut'] },
]

export const sampleEvents = (runDir: string): readonly RunEvent[] => [
  { type: 'run-started', run: '20260101-000000', flow: 'verify', tasks: 9, at: at(0) },
  ended('build-keepalived', 'up-to-date', 0),
  ended('make-overlay', 'executed', 1),
  { type: 'task-started', task: 'start-cluster[ha]', because: 'never cached', at: at(1) },
  { type: 'task-output', task: 'start-cluster[ha]', stream: 'stdout', text: hostile, at: at(2) },
  ended('start-cluster[ha]', 'executed', 20),
  ended('start-cluster[stacked]', 'failed', 20),
  ended('lb-owner-stop', 'executed', 33),
  ended('partition-lbs[IPv6]', 'failed', 54),
  ended('power-cut', 'executed', 55),
  ended('never-ran', 'skipped', 55),
  ended('stop-cluster', 'executed', 57),
  {
    type: 'run-finished',
    run: '20260101-000000',
    status: 'failed',
    durationMs: 57_000,
    counts: { executed: 5, 'up-to-date': 1, failed: 2, skipped: 1 },
    runDir,
    at: at(57),
  },
]

export interface SampleOptions {
  readonly run?: string
  readonly records?: readonly ScenarioRecord[]
}

/** Adds a run to a cache folder, and gives back the run's folder. */
export function writeRun(
  cacheDir: string,
  { run = '20260101-000000', records = sampleRecords }: SampleOptions,
): string {
  const dir = join(cacheDir, 'runs', run)
  mkdirSync(dir, { recursive: true })
  const events = sampleEvents(dir).map(event => ('run' in event ? { ...event, run } : event))
  writeFileSync(join(dir, 'events.ndjson'), events.map(event => `${JSON.stringify(event)}\n`).join(''))
  writeFileSync(join(dir, 'graph.json'), JSON.stringify({ tasks: graph.map(task => ({ after: [], ...task })) }))
  for (const record of records) {
    mkdirSync(join(dir, record.task), { recursive: true })
    writeFileSync(join(dir, record.task, 'scenario.json'), JSON.stringify(record))
  }
  return dir
}

/** Removed when the test has ended. */
export function sampleRun(context: TestContext, options: SampleOptions = {}): string {
  const cacheDir = mkdtempSync(join(tmpdir(), 'k8s-ha-report-'))
  context.after(() => rmSync(cacheDir, { recursive: true, force: true }))
  return writeRun(cacheDir, options)
}
