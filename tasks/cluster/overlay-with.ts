/** What a task that makes an overlay is given. */
import * as v from 'valibot'
import { clusterSchema, flag } from '../../src/cluster/cluster-settings.ts'
import { cniNames, defaultCni } from '../../src/cluster/cni/choose-cni.ts'
import { defectNames } from '../../src/cluster/defects/plant-defect.ts'
import { newestKnown } from '../../src/cluster/kubernetes/versions.ts'

const oneOf = (what: string, names: readonly string[], otherwise: string) =>
  v.optional(
    v.picklist(names, issue => `there is no ${what} ${issue.received}: ${names.join(', ')}`),
    otherwise,
  )

export const overlayWith = v.strictObject({
  cluster: clusterSchema,
  /** A version, or the folder of own programs. */
  kubernetes: v.optional(v.pipe(v.union([v.string(), v.number()]), v.transform(String)), newestKnown),
  cni: oneOf('CNI', cniNames, defaultCni),
  profile: v.optional(v.picklist(['default', 'fast']), 'default'),
  preempt: v.optional(flag, true),
  /** A mistake to be planted, for testing the tests. */
  defect: oneOf('planted defect', ['none', ...defectNames], 'none'),
  /** The need that made the PKI. */
  pki: v.string(),
  /** The need that made the container images; without it nodes have none. */
  images: v.optional(v.string()),
  /** The need that built keepalived; without it the VIP stays where it is. */
  keepalived: v.optional(v.string()),
})
