/** Each invariant holds where nothing is wrong, and each is broken by the one thing that it is about. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Findings } from '../../src/ha/verdict/findings.ts'
import { invariantNames, judgeInvariants } from '../../src/ha/verdict/invariants.ts'
import { specWith } from '../cluster-data/sample.ts'
import { healthy, probe } from './healthy-findings.ts'

const spec = specWith()
const brokenBy = (changes: Partial<Findings>) =>
  judgeInvariants({ ...healthy, ...changes }, spec)
    .filter(({ holds }) => !holds)
    .map(({ name }) => name)

test('all invariants are judged, and hold, where nothing is wrong', () => {
  const judged = judgeInvariants(healthy, spec)
  assert.deepEqual(
    judged.map(({ name }) => name),
    invariantNames,
  )
  assert.deepEqual(brokenBy({}), [])
})

const vip = '192.168.1.200'
const [leader] = healthy.raft?.leaders ?? []
assert.ok(leader && healthy.raft && healthy.watch)
const raft = healthy.raft
const watch = healthy.watch

const violations: readonly (readonly [string, string, Partial<Findings>])[] = [
  ['no-lost-writes', 'a member does not report its history', { silentMembers: ['vm-194 does not report its history'] }],
  ['no-lost-writes', 'an acknowledged write is missing', { lostWrites: ['value 17 at revision 400 on vm-194'] }],
  ['no-lost-writes', 'nothing was acknowledged', { acknowledgedWrites: 0 }],
  ['linearizable', 'a read was stale', { orderViolations: ['read 3 after 4'] }],
  [
    'etcd-hashes-equal',
    'one hash differs',
    { hashes: healthy.hashes.with(1, { vm: 'vm-194', hash: 'x', revision: 500 }) },
  ],
  [
    'etcd-hashes-equal',
    'a revision differs',
    { hashes: healthy.hashes.with(1, { vm: 'vm-194', hash: 'abc', revision: 4 }) },
  ],
  ['etcd-hashes-equal', 'a member gave none', { hashes: healthy.hashes.slice(1) }],
  ['one-etcd-leader', 'none leads', { raft: { ...raft, leaders: [{ ...leader, toMs: 5_000 }] } }],
  ['one-etcd-leader', 'two lead', { raft: { ...raft, leaders: [leader, { ...leader, vm: 'vm-194' }] } }],
  ['one-vip-owner', 'nobody owns it', { vip: [{ vm: 'vm-191', vip, fromMs: 0, toMs: 9_000 }] }],
  ['one-vip-owner', 'two own it', { vip: [...healthy.vip, { vm: 'vm-192', vip, fromMs: 7_000, toMs: null }] }],
  ['watch-complete', 'an event is missing', { watch: { ...watch, gaps: 1 } }],
  ['watch-complete', 'an event came twice', { watch: { ...watch, duplicates: 1 } }],
  [
    'no-refused-certificates',
    'a client refused one',
    { probes: [...healthy.probes, probe('watch', { errors: { 'certificate refused: CERT_HAS_EXPIRED': 1 } })] },
  ],
  [
    'caches-equal-etcd',
    'an apiserver found a difference',
    { cacheChecks: { checks: 12, failed: ['vm-001 1 × pods'] } },
  ],
  ['no-refused-certificates', 'a program logged a refusal', { refusals: ['vm-193 etcd: 2 × x509: …'] }],
  ['no-unexpected-restarts', 'a service was restarted', { restarts: ['vm-001 kube-apiserver'] }],
  ['no-unexpected-restarts', 'a VM went off', { died: ['vm-003'] }],
  ['well-at-the-end', 'a node stayed away', { unwell: ['all nodes are Ready: 3 of 4'] }],
]

for (const [name, what, changes] of violations)
  test(`${name} is broken when ${what}`, () => assert.deepEqual(brokenBy(changes), [name]))

test('the VIPs of a dual-stack cluster must have the same owner', () => {
  const dual = specWith({ family: 'dual' })
  const [first = '', second = ''] = dual.vips
  const owned = (vms: readonly [string, string]) => [
    { vm: vms[0], vip: first, fromMs: 0, toMs: null },
    { vm: vms[1], vip: second, fromMs: 0, toMs: null },
  ]
  const judge = (owners: readonly [string, string]) =>
    judgeInvariants({ ...healthy, vip: owned(owners) }, dual).find(({ name }) => name === 'one-vip-owner')?.holds
  assert.equal(judge(['vm-191', 'vm-191']), true)
  assert.equal(judge(['vm-191', 'vm-192']), false)
})

test('a cluster without probes is judged by what else was seen', () => {
  const nothing: Partial<Findings> = {
    probes: [],
    vip: [],
    raft: null,
    watch: null,
    hashes: [],
    acknowledgedWrites: 0,
    cacheChecks: null,
  }
  const judged = judgeInvariants({ ...healthy, ...nothing }, spec).map(({ name }) => name)
  assert.deepEqual(judged, ['no-unexpected-restarts', 'well-at-the-end'])
})
