/** Why a step did not hold may stand in the logs: what services logged as errors again and again while it waited. */
import type { Cluster } from '../../drivers/driver.ts'
import { now } from '../../platform/clock.ts'
import type { Failure } from '../../platform/failure.ts'
import { frequentErrors } from '../logs/frequent-errors.ts'
import type { Journal } from './journal.ts'

/** `journal`: its latest step is the one that failed. */
export async function withLoggedErrors(failure: Failure, cluster: Cluster, journal: Journal): Promise<Failure> {
  const waitedMs = journal.now() - (journal.steps.at(-1)?.fromMs ?? 0)
  const logged = await frequentErrors(cluster, { sinceMs: now() - waitedMs, concerned: () => true })
  const last = [failure.last, ...logged.map(text => `logs: ${text}`)].filter(Boolean).join('\n')
  return logged.length === 0 ? failure : { ...failure, last }
}
