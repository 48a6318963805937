/** The report for programs: every event as it is, one JSON object a line on stdout and nothing else. */
import type { Reporter, ReportOutput, ScenarioResults } from './reporter.ts'

export function jsonReporter(output: ReportOutput): Reporter {
  const print = (object: object) => output.result(`${JSON.stringify(object)}\n`)
  return {
    event(event) {
      for (const object of event.type === 'scenarios' ? summaries(event) : [event]) print(object)
    },
    close() {},
  }
}

/** The records themselves are long: this says where each is. */
function summaries({ run, page }: ScenarioResults): readonly object[] {
  const scenarios = run.scenarios.map(({ record, dir }) => {
    const { task, scenario, verdict, reasons, measures, lostWrites, recoveryMs } = record
    return { type: 'scenario', task, scenario, verdict, reasons, measures, lostWrites, recoveryMs, dir }
  })
  return [...scenarios, ...(page === undefined ? [] : [{ type: 'page', file: page }])]
}
