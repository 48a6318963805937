/** Every check by its name. */
import type { Check } from './check.ts'
import { apiWorks } from './checks/api-works.ts'
import { apiserversReady } from './checks/apiservers-ready.ts'
import { certificateServed } from './checks/certificate-served.ts'
import { endpointsFollow } from './checks/endpoints-follow.ts'
import { etcdHealthy } from './checks/etcd-healthy.ts'
import { leaseHeld } from './checks/lease-held.ts'
import { leasesRenewed } from './checks/leases-renewed.ts'
import { namespacesExist } from './checks/namespaces-exist.ts'
import { neighboursFollow } from './checks/neighbours-follow.ts'
import { noDeadSessions } from './checks/no-dead-sessions.ts'
import { nodesReady } from './checks/nodes-ready.ts'
import { nothingAcknowledged } from './checks/nothing-acknowledged.ts'
import { objectsEverywhere } from './checks/objects-everywhere.ts'
import { onlyOldReads } from './checks/only-old-reads.ts'
import { podsStayed } from './checks/pods-stayed.ts'
import { quietWatchHolds } from './checks/quiet-watch-holds.ts'
import { vipHeld } from './checks/vip-held.ts'
import { vipRouted } from './checks/vip-routed.ts'
import { vmsAnswer } from './checks/vms-answer.ts'
import { writesAcknowledged } from './checks/writes-acknowledged.ts'

export const checks: Readonly<Record<string, Check>> = Object.fromEntries(
  [
    ...[apiWorks, apiserversReady, certificateServed, endpointsFollow, etcdHealthy, leaseHeld, namespacesExist],
    ...[leasesRenewed, noDeadSessions, nodesReady, nothingAcknowledged, objectsEverywhere, quietWatchHolds],
    ...[vipHeld, vipRouted, vmsAnswer, neighboursFollow, onlyOldReads, podsStayed, writesAcknowledged],
  ].map(check => [check.name, check as Check]),
)
