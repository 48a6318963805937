/** What scenarios do to a cluster besides breaking it, by the name in a `do` step. */
import type { Action } from './action.ts'
import { createObjects } from './create-objects.ts'
import { deployTestApp } from './deploy-test-app.ts'
import { installCni } from './install-cni.ts'
import { labelControlPlane } from './label-control-plane.ts'
import { renewCertificate } from './renew-certificate.ts'
import { replaceEtcdMember } from './replace-etcd-member.ts'
import { trustAuthorities } from './trust-authorities.ts'

export const actions: ReadonlyMap<string, Action> = new Map(
  [
    createObjects,
    deployTestApp,
    installCni,
    labelControlPlane,
    renewCertificate,
    replaceEtcdMember,
    trustAuthorities,
  ].map(action => [action.name, action]),
)

export const actionNames: readonly string[] = [...actions.keys()]
