/** Which reports a run has: JSON when asked for, live on a terminal, else lines; and JUnit beside them. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { jsonReporter } from '../report/json.ts'
import { junitReporter } from '../report/junit.ts'
import type { Reporter, ReportOptions } from '../report/reporter.ts'
import { lineReporter } from '../report/terminal/line.ts'
import { LiveReporter } from '../report/terminal/live.ts'
import type { Invocation } from './command.ts'
import { displayPath } from './display-path.ts'

export function chooseReporters(invocation: Invocation): Reporter {
  const reporters = [mainReporter(invocation)]
  const junit = invocation.options.text('junit')
  if (junit !== undefined) {
    const file = resolve(invocation.cwd, junit)
    reporters.push(
      junitReporter(xml => {
        mkdirSync(dirname(file), { recursive: true })
        writeFileSync(file, xml)
      }),
    )
  }
  return {
    event: event => {
      for (const reporter of reporters) reporter.event(event)
    },
    close: () => {
      for (const reporter of reporters) reporter.close()
    },
  }
}

function mainReporter({ options, console, cwd }: Invocation): Reporter {
  const output = { progress: console.err, result: console.out }
  if (options.flag('json')) return jsonReporter(output)
  const common: ReportOptions = {
    output,
    color: console.color,
    verbose: options.flag('verbose'),
    displayPath: path => displayPath(path, cwd),
  }
  // Whoever sets NO_COLOR wants plain text: no moving cursor either.
  return console.color ? new LiveReporter({ ...common, terminal: console.terminalSize }) : lineReporter(common)
}
