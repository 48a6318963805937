/** All that rendering needs to know of a cluster. */
import type { Pki } from '../pki/pki.ts'
import type { ClusterSpec } from '../spec.ts'
import type { Timers } from '../timers.ts'

export interface ClusterData {
  readonly spec: ClusterSpec
  readonly timers: Timers
  readonly pki: Pki
}
