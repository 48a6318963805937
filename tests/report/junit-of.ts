/** The JUnit document of a run with scenarios, as the reporter writes it from the run's events. */
import { junitReporter } from '../../src/report/junit.ts'
import { readRun } from '../../src/report/read-run.ts'
import { sampleEvents } from './sample-run.ts'

export function junitOf(dir: string): string {
  const documents: string[] = []
  const reporter = junitReporter(xml => documents.push(xml))
  const events = sampleEvents(dir)
  for (const event of events.slice(0, -1)) reporter.event(event)
  reporter.event({ type: 'scenarios', run: readRun(dir), table: '' })
  for (const event of events.slice(-1)) reporter.event(event)
  return documents.join('')
}
