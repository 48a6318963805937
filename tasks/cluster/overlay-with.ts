/** What a task that makes an overlay is given: the settings of a cluster, or the task whose cluster it is. */
import * as v from 'valibot'
import { otherPlaces } from '../../src/cluster/build-spec.ts'
import { clusterSchema, flag } from '../../src/cluster/cluster-settings.ts'
import { defectNames } from '../../src/cluster/defects/plant-defect.ts'
import { kubeProxyModes, nodeApis } from '../../src/cluster/spec.ts'
import { cniSchema } from './cni-schema.ts'

const oneOf = (what: string, names: readonly string[], otherwise: string) =>
  v.optional(
    v.picklist(names, issue => `there is no ${what} ${issue.received}: ${names.join(', ')}`),
    otherwise,
  )

const contents = {
  /** A mistake to be planted, for testing the tests. */
  defect: oneOf('planted defect', ['none', ...defectNames], 'none'),
  /** The need that made the PKI. */
  pki: v.string(),
  /** The need that made the container images; without it nodes have none. */
  images: v.optional(v.string()),
  /** The need that built keepalived; without it the VIP stays where it is. */
  keepalived: v.optional(v.string()),
}

const ownCluster = v.strictObject({
  cluster: clusterSchema,
  /** The need that fetched Kubernetes' programs, whose version decides what is configured. */
  kubernetes: v.optional(v.string()),
  /** Programs of a second version: the needs that fetched them, and where they run from the beginning. */
  other: v.optional(
    v.strictObject({
      kubernetes: v.optional(v.string()),
      etcd: v.optional(v.string()),
      on: v.optional(v.picklist(['nothing', ...otherPlaces]), 'nothing'),
    }),
  ),
  cni: cniSchema,
  'kube-proxy': v.optional(v.picklist(kubeProxyModes), 'iptables'),
  'node-api': v.optional(v.picklist(nodeApis), 'vip'),
  profile: v.optional(v.picklist(['default', 'fast']), 'default'),
  preempt: v.optional(flag, true),
  ...contents,
})

/** The need that made an overlay of the same cluster, as make-overlay: all of its settings hold here, too. */
const otherCluster = v.strictObject({ 'cluster-of': v.string(), ...contents })

export type OwnCluster = v.InferOutput<typeof ownCluster>
export type OverlayWith = OwnCluster | v.InferOutput<typeof otherCluster>

/** By what is given, so that an error is about that form. */
export const overlayWith: v.GenericSchema<unknown, OverlayWith> = v.lazy(
  (given): v.GenericSchema<unknown, OverlayWith> =>
    typeof given === 'object' && given !== null && 'cluster-of' in given ? otherCluster : ownCluster,
)
