/** Every check by its name. */
import type { Check } from './check.ts'
import { nothingAcknowledged } from './clients/nothing-acknowledged.ts'
import { quietWatchHolds } from './clients/quiet-watch-holds.ts'
import { writesAcknowledged } from './clients/writes-acknowledged.ts'
import { etcdHealthy } from './etcd/etcd-healthy.ts'
import { onlyOldReads } from './etcd/only-old-reads.ts'
import { apiWorks } from './kubernetes/api-works.ts'
import { apiserversReady } from './kubernetes/apiservers-ready.ts'
import { appAnswers } from './kubernetes/app-answers.ts'
import { certificateServed } from './kubernetes/certificate-served.ts'
import { endpointsFollow } from './kubernetes/endpoints-follow.ts'
import { leaseHeld } from './kubernetes/lease-held.ts'
import { leasesRenewed } from './kubernetes/leases-renewed.ts'
import { namespacesExist } from './kubernetes/namespaces-exist.ts'
import { nodesReady } from './kubernetes/nodes-ready.ts'
import { objectsEverywhere } from './kubernetes/objects-everywhere.ts'
import { podsConnected } from './kubernetes/pods-connected.ts'
import { podsStayed } from './kubernetes/pods-stayed.ts'
import { podsSeeAll } from './pods/pods-see-all.ts'
import { redundantEverywhere } from './redundant-everywhere.ts'
import { apiserversBalanced } from './vip/apiservers-balanced.ts'
import { neighboursFollow } from './vip/neighbours-follow.ts'
import { noDeadSessions } from './vip/no-dead-sessions.ts'
import { vipHeld } from './vip/vip-held.ts'
import { vipRouted } from './vip/vip-routed.ts'
import { vmsAnswer } from './vms-answer.ts'

export const checks: Readonly<Record<string, Check>> = Object.fromEntries(
  [
    ...[
      appAnswers,
      apiWorks,
      apiserversBalanced,
      apiserversReady,
      certificateServed,
      endpointsFollow,
      etcdHealthy,
      leaseHeld,
      namespacesExist,
    ],
    ...[leasesRenewed, noDeadSessions, nodesReady, nothingAcknowledged, objectsEverywhere, quietWatchHolds],
    ...[vipHeld, vipRouted, vmsAnswer, neighboursFollow, onlyOldReads, podsConnected, podsStayed, writesAcknowledged],
    ...[podsSeeAll, redundantEverywhere],
  ].map(check => [check.name, check as Check]),
)
