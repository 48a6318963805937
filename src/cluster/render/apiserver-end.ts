/**
 * How an apiserver ends without losing a request. On SIGTERM it says at once that it is not ready, but goes on serving
 * until haproxy must have noticed; then it answers what it has begun, and ends its watches.
 */
import { traitsOf } from '../kubernetes/versions.ts'
import type { ClusterSpec } from '../spec.ts'
import type { Timers } from '../timers.ts'

/** Longer than haproxy takes to find it not ready, also when that takes all the checks that may fail. */
export const shutdownDelayMs = ({ apiCheck: { fall, interMs } }: Timers): number => fall * interMs + interMs

/** In this time all watches end, a few at a time, so that their clients do not come back all at once. */
const watchesMs = 1000

export function apiserverEndFlags({ kubernetes }: Pick<ClusterSpec, 'kubernetes'>, timers: Timers): readonly string[] {
  const { sendsRetryAfter, endsWatches } = traitsOf(kubernetes)
  return [
    `--shutdown-delay-duration=${shutdownDelayMs(timers)}ms`,
    ...(sendsRetryAfter ? ['--shutdown-send-retry-after=true'] : []),
    ...(endsWatches ? [`--shutdown-watch-termination-grace-period=${watchesMs}ms`] : []),
  ]
}
