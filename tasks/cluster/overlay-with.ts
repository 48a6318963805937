/** What a task that makes an overlay is given. */
import * as v from 'valibot'
import { clusterSchema, flag } from '../../src/cluster/cluster-settings.ts'
import { defectNames } from '../../src/cluster/defects/plant-defect.ts'

export const overlayWith = v.strictObject({
  cluster: clusterSchema,
  profile: v.optional(v.picklist(['default', 'fast']), 'default'),
  preempt: v.optional(flag, true),
  /** A mistake to be planted, for testing the tests. */
  defect: v.optional(
    v.picklist(
      ['none', ...defectNames],
      issue => `there is no planted defect ${issue.received}: none, ${defectNames.join(', ')}`,
    ),
    'none',
  ),
  /** The need that made the PKI. */
  pki: v.string(),
  /** The need that made the container images; without it nodes have none. */
  images: v.optional(v.string()),
  /** The need that built keepalived; without it the VIP stays where it is. */
  keepalived: v.optional(v.string()),
})
