/** What the outcome of a scenario means for the task that ran it: its record, its note, or its failure. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TaskContext } from '../../src/engine/workflow/task-type.ts'
import type { ScenarioRecord } from '../../src/ha/record/record.ts'
import type { TellScenario } from '../../src/ha/record/scenario-events.ts'
import type { Outcome } from '../../src/ha/scenario/scenario-options.ts'
import { reasonNamed } from '../../src/ha/verdict/reasons.ts'
import { insteadOfLine, verdictLine } from '../../src/ha/verdict/verdict-line.ts'
import { type Failure, failed } from '../../src/platform/failure.ts'
import { fail, ok, type Result } from '../../src/platform/result.ts'

type Context = Pick<TaskContext<unknown>, 'logDir' | 'settings' | 'event'>

export const telling =
  (context: Pick<Context, 'event'>): TellScenario =>
  ({ kind, data }) =>
    context.event(kind, data)

/** `expected`: the reason for which it must fail, where the cluster has a planted defect. */
export function concludeScenario(
  context: Context,
  { record, failure }: Outcome,
  expected: string | undefined,
): Result<string> {
  const log = join(context.logDir, 'scenario.json')
  const reason = expected === undefined ? undefined : reasonNamed(expected, record)
  const told: ScenarioRecord = reason === undefined ? record : { ...record, verdict: 'caught' }
  writeFileSync(log, `${JSON.stringify(told, undefined, 2)}\n`)
  telling(context)({ kind: 'scenario-ended', data: { verdict: told.verdict, reasons: [...told.reasons] } })
  if (reason !== undefined) return ok(`caught by ${reason}`)
  if (failure !== undefined && told.verdict === 'not judged')
    return context.settings.get('not-judged') === 'pass'
      ? ok(`NOT JUDGED: ${record.reasons[0] ?? failure.message}`)
      : fail(about(record, { log, ...failure }))
  if (expected !== undefined) {
    const last = record.reasons.length === 0 ? 'it passed' : record.reasons.join('\n')
    return fail(failed(`The scenario was to fail because of "${expected}"`, { last, log }))
  }
  return failure === undefined ? ok(verdictLine(record)) : fail(about(record, { log, ...failure }))
}

/** With the version that it is about, where that is not the one that was wanted. */
const about = ({ cluster }: ScenarioRecord, failure: Failure): Failure => {
  const last = [insteadOfLine(cluster), failure.last].filter(Boolean).join('\n')
  return { ...failure, last }
}
