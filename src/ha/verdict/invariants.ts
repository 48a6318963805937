/** What must be true after every scenario, no matter what was broken. */
import { type ClusterSpec, withRole } from '../../cluster/spec.ts'
import { refusedCertificate } from '../probes/agent/protocol.ts'
import type { InvariantRecord } from '../record/record.ts'
import type { Findings } from './findings.ts'

interface Invariant {
  readonly name: string
  readonly claim: string
  /** Undefined when the cluster, or the choice of probes, has nothing to judge by. */
  judge(findings: Findings, spec: ClusterSpec): { readonly holds: boolean; readonly seen: string } | undefined
}

const listed = (items: readonly string[]): string =>
  items.length <= 3 ? items.join('; ') : `${items.slice(0, 3).join('; ')} and ${items.length - 3} more`

const nothingOf = (items: readonly string[], wellSeen: string) => ({
  holds: items.length === 0,
  seen: items.length === 0 ? wellSeen : listed(items),
})

const wrote = ({ probes }: Findings): boolean =>
  probes.some(({ name }) => name === 'api-write' || name === 'etcd-write')

export const invariants: readonly Invariant[] = [
  {
    name: 'no-lost-writes',
    claim: 'every acknowledged write is in the history of every etcd member',
    judge(findings) {
      if (!wrote(findings)) return undefined
      if (findings.acknowledgedWrites === 0) return { holds: false, seen: 'no write was acknowledged at all' }
      return nothingOf(
        [...findings.lostWrites, ...findings.silentMembers],
        `${findings.acknowledgedWrites} acknowledged, none lost`,
      )
    },
  },
  {
    name: 'linearizable',
    claim: 'no acknowledged read or write contradicts an earlier acknowledged one',
    judge: findings =>
      wrote(findings) ? nothingOf(findings.orderViolations, 'reads and writes fit into one order') : undefined,
  },
  {
    name: 'etcd-hashes-equal',
    claim: 'all etcd members have the same history at the end',
    judge({ hashes }, spec) {
      const members = withRole(spec, 'etcd').map(vm => vm.name)
      if (members.length === 0 || hashes.length === 0) return undefined
      const missing = members.filter(name => !hashes.some(({ vm }) => vm === name))
      const distinct = new Set(hashes.map(({ hash, revision }) => `${hash} at revision ${revision}`))
      return {
        holds: missing.length === 0 && distinct.size === 1,
        seen: [
          ...hashes.map(({ vm, hash, revision }) => `${vm} ${hash} at ${revision}`),
          ...missing.map(vm => `${vm} silent`),
        ].join(', '),
      }
    },
  },
  {
    name: 'one-etcd-leader',
    claim: 'one etcd member leads at the end',
    judge({ raft }) {
      if (raft === null) return undefined
      const leaders = raft.leaders.filter(({ toMs }) => toMs === null).map(({ vm }) => vm)
      return { holds: leaders.length === 1, seen: leaders.join(', ') || 'none' }
    },
  },
  {
    name: 'one-vip-owner',
    claim: 'one load balancer owns each VIP at the end, and the same one owns all',
    judge({ vip }, spec) {
      if (!spec.keepalived || vip.length === 0) return undefined
      const owners = vip.filter(({ toMs }) => toMs === null)
      const alone = spec.vips.every(address => owners.filter(one => one.vip === address).length === 1)
      return {
        holds: alone && new Set(owners.map(({ vm }) => vm)).size === 1,
        seen: owners.map(one => `${one.vm} has ${one.vip}`).join(', ') || 'nobody',
      }
    },
  },
  {
    name: 'watch-complete',
    claim: 'the watch reported every change once',
    judge({ watch }) {
      if (watch === null) return undefined
      const { events, gaps, duplicates } = watch
      return { holds: gaps === 0 && duplicates === 0, seen: `${events} events, ${gaps} missing, ${duplicates} twice` }
    },
  },
  {
    name: 'no-refused-certificates',
    claim: "no client refused a server's certificate, and no server a client's",
    judge({ probes, refusals }) {
      if (probes.length === 0) return undefined
      const ofProbes = probes.flatMap(({ name, vm, errors }) =>
        Object.entries(errors)
          .filter(([error]) => error.startsWith(refusedCertificate))
          .map(([error, count]) => `${vm === null ? name : `${name} ${vm}`}: ${count} × ${error}`),
      )
      return nothingOf([...ofProbes, ...refusals], 'none')
    },
  },
  {
    name: 'caches-equal-etcd',
    claim: 'no apiserver found that its cache differs from etcd',
    judge: ({ cacheChecks }) =>
      cacheChecks === null ? undefined : nothingOf(cacheChecks.failed, `${cacheChecks.checks} checks, none failed`),
  },
  {
    name: 'no-unexpected-restarts',
    claim: 'no service ended that no fault had hit',
    judge: ({ restarts, died }) => nothingOf([...died.map(vm => `${vm} went off`), ...restarts], 'none'),
  },
  {
    name: 'well-at-the-end',
    claim: 'after the heal all is well again',
    judge: ({ unwell }) => nothingOf(unwell, 'all checks hold'),
  },
]

export const invariantNames: readonly string[] = invariants.map(({ name }) => name)

export const judgeInvariants = (findings: Findings, spec: ClusterSpec): readonly InvariantRecord[] =>
  invariants.flatMap(({ name, claim, judge }) => {
    const judged = judge(findings, spec)
    return judged === undefined ? [] : [{ name, claim, ...judged }]
  })
