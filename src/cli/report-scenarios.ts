/** What a flow reports of the scenarios that it ran: the table, and the page beside the records. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stamped } from '../engine/events.ts'
import { messageOf } from '../platform/failure.ts'
import { runPage } from '../report/html/page.ts'
import { readRun } from '../report/read-run.ts'
import type { Reporter } from '../report/reporter.ts'
import { scenarioTable } from '../report/scenario-table.ts'
import type { Invocation } from './command.ts'
import { displayPath } from './display-path.ts'

export async function reportScenarios(runDir: string, reporter: Reporter, invocation: Invocation): Promise<void> {
  const run = readRun(runDir)
  const table = scenarioTable(run, tableOptions(invocation))
  const page = join(runDir, 'report.html')
  try {
    writeFileSync(page, await runPage(run))
    reporter.event({ type: 'scenarios', run, table, page })
  } catch (error) {
    const why = messageOf(error)
    reporter.event(stamped({ type: 'warning', text: `Cannot write the report ${page}: ${why}` }))
    reporter.event({ type: 'scenarios', run, table })
  }
}

/** Off a terminal there is no width to keep to, but lines are still read. */
export const tableOptions = ({ console, cwd }: Invocation) => ({
  color: console.color,
  columns: console.isTerminal ? console.terminalSize().columns : 140,
  displayPath: (path: string) => displayPath(path, cwd),
})
