/** The second versions of a cluster, from what the tasks bring that fetch them. */
import type { OnVms } from '../../src/cluster/cluster-settings.ts'
import type { OwnCluster } from './overlay-with.ts'

/** `versionBy`: what that task brings. "image" brings no programs. */
export function otherVersions(
  other: OwnCluster['other'],
  versionBy: (fetch: string | undefined) => string | undefined,
): Pick<OnVms, 'other' | 'otherOn'> {
  if (other === undefined) return {}
  const [kubernetes, etcd] = [versionBy(other.kubernetes), versionBy(other.etcd)]
  return {
    other: {
      ...(kubernetes === undefined ? {} : { kubernetes }),
      ...(etcd === undefined || etcd === 'image' ? {} : { etcd }),
    },
    ...(other.on === 'nothing' ? {} : { otherOn: other.on }),
  }
}
