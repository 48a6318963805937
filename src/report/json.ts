/** The report for programs: every event as it is, one JSON object a line on stdout and nothing else. */
import type { Reporter, ReportOutput, ScenarioResults } from './reporter.ts'

export function jsonReporter(output: ReportOutput): Reporter {
  const print = (object: object) => output.result(`${JSON.stringify(object)}\n`)
  return {
    event: print,
    /** The records themselves are long: this tells where each is. */
    scenarios({ run, page }: ScenarioResults) {
      for (const { record, dir } of run.scenarios) {
        const { task, scenario, verdict, reasons, measures, lostWrites, recoveryMs } = record
        print({ type: 'scenario', task, scenario, verdict, reasons, measures, lostWrites, recoveryMs, dir })
      }
      if (page !== undefined) print({ type: 'page', file: page })
    },
    close() {},
  }
}
