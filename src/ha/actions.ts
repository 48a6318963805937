/** What scenarios do to a cluster besides breaking it, by the name in a `do` step. */
import type { Action } from './action.ts'
import { createObjects } from './actions/create-objects.ts'
import { deployTestApp } from './actions/deploy-test-app.ts'
import { labelControlPlane } from './actions/label-control-plane.ts'
import { renewCertificate } from './actions/renew-certificate.ts'
import { replaceEtcdMember } from './actions/replace-etcd-member.ts'
import { trustAuthorities } from './actions/trust-authorities.ts'

export const actions: ReadonlyMap<string, Action> = new Map(
  [createObjects, deployTestApp, labelControlPlane, renewCertificate, replaceEtcdMember, trustAuthorities].map(
    action => [action.name, action],
  ),
)

export const actionNames: readonly string[] = [...actions.keys()]
