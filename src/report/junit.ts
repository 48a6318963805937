/** The report for CI servers: JUnit's XML, one test case per task, with its figures when it ran a scenario, written when the run has ended. */
import type { RunEvent } from '../engine/events.ts'
import type { ScenarioRecord } from '../ha/record/record.ts'
import type { Reporter } from './reporter.ts'
import { amount, wasMeasured } from './scenario-figures.ts'
import { OutputLines } from './terminal/output-lines.ts'
import { renderFailure } from './terminal/render-failure.ts'
import type { RunFinished } from './terminal/summary.ts'
import type { TaskFinished } from './terminal/task-line.ts'

type RunStarted = Extract<RunEvent, { type: 'run-started' }>

/** `write` gets the whole document, once. */
export function junitReporter(write: (xml: string) => void): Reporter {
  const ended: Ended[] = []
  const scenarios = new Map<string, ScenarioRecord>()
  const outputs = new Map<string, OutputLines>()
  let started: RunStarted | undefined
  return {
    event(event) {
      if (event.type === 'run-started') started = event
      if (event.type === 'task-output') {
        const lines = outputs.get(event.task) ?? new OutputLines()
        outputs.set(event.task, lines)
        lines.add(event.text, event.stream)
      }
      if (event.type === 'task-finished') {
        const lines = outputs.get(event.task)
        lines?.end()
        ended.push({ event, lastOutput: lines?.last ?? [] })
      }
      if (event.type === 'scenarios') for (const { record } of event.run.scenarios) scenarios.set(record.task, record)
      if (event.type === 'run-finished' && started) {
        const { flow } = started
        const cases = ended.map(one => caseOf(one, flow, scenarios.get(one.event.task)))
        write(document(started, event, cases))
      }
    },
    close() {},
  }
}

interface Ended {
  readonly event: TaskFinished
  readonly lastOutput: readonly string[]
}

export interface TestCase {
  readonly xml: string
  readonly outcome: 'passed' | 'failed' | 'skipped'
}

function caseOf({ event, lastOutput }: Ended, flow: string, record: ScenarioRecord | undefined): TestCase {
  return record === undefined ? taskCase(event, flow, lastOutput) : scenarioCase(event, flow, record)
}

function document(started: RunStarted, finished: RunFinished, cases: readonly TestCase[]): string {
  const counted = (outcome: TestCase['outcome']) => cases.filter(one => one.outcome === outcome).length
  const counts = `tests="${cases.length}" failures="${counted('failed')}" errors="0" skipped="${counted('skipped')}"`
  const time = `time="${seconds(finished.durationMs)}"`
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="k8s-ha" ${counts} ${time}>`,
    `  <testsuite name="${xmlText(started.flow)}" ${counts} ${time} timestamp="${xmlText(started.at)}">`,
    '    <properties>',
    `      <property name="run" value="${xmlText(started.run)}"/>`,
    `      <property name="status" value="${finished.status}"/>`,
    '    </properties>',
    ...cases.map(({ xml }) => xml),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n')
}

const isSkipped = (event: TaskFinished): boolean => event.status === 'skipped' || event.status === 'cancelled'

function taskCase(event: TaskFinished, flow: string, lastOutput: readonly string[]): TestCase {
  const parts = [
    ...(event.status === 'failed' ? [failureElement(event)] : []),
    ...(isSkipped(event) ? [`<skipped message="${xmlText(event.because)}"/>`] : []),
    element('system-out', [event.status, event.because, event.note, ...lastOutput]),
  ]
  const outcome = event.status === 'failed' ? 'failed' : isSkipped(event) ? 'skipped' : 'passed'
  return { outcome, xml: testCase({ name: event.task, classname: flow, durationMs: event.durationMs }, parts) }
}

/** A scenario that is not judged is none that failed, although its task is. */
function hasFailed({ status }: TaskFinished, verdict: ScenarioRecord['verdict']): boolean {
  if (verdict === 'not judged') return false
  return verdict === 'failed' || verdict === 'interrupted' || status === 'failed'
}

/** The record decides; a task may fail beside it, for example when it was interrupted. */
function scenarioCase(event: TaskFinished, flow: string, record: ScenarioRecord): TestCase {
  const { verdict, reasons } = record
  const failedAs = hasFailed(event, verdict)
  const skippedAs = !failedAs && (verdict === 'skipped' || verdict === 'not judged')
  const why = reasons.length > 0 ? reasons : [event.failure?.message ?? `the scenario was ${verdict}`]
  const message = xmlText(why.join('; '))
  const parts = [
    ...(failedAs ? [`<failure message="${message}" type="${verdict}">${xmlText(why.join('\n'))}</failure>`] : []),
    ...(skippedAs ? [`<skipped message="${message}"/>`] : []),
    element('system-out', scenarioLines(record)),
    ...(record.logs.length === 0 ? [] : [element('system-err', record.logs.flatMap(logLines))]),
  ]
  const outcome = failedAs ? 'failed' : skippedAs ? 'skipped' : 'passed'
  const names = { name: record.task, classname: `${flow}.${record.scenario}`, durationMs: event.durationMs }
  return { outcome, xml: testCase(names, parts) }
}

function scenarioLines({
  description,
  verdict,
  measures,
  invariants,
  cluster,
  seed,
}: ScenarioRecord): readonly string[] {
  return [
    `${verdict}: ${description}`,
    `cluster ${cluster.name}, ${cluster.family}, etcd ${cluster.topology}, seed ${seed}`,
    ...measures.map(measure => {
      const text = wasMeasured(measure) ? amount(measure) : 'not measured'
      return `${measure.holds ? 'ok' : 'OVER'} ${measure.measure}: ${text}${measure.because ? ` (${measure.because})` : ''}`
    }),
    ...invariants.map(({ name, holds, seen }) => `${holds ? 'ok' : 'BROKEN'} ${name}: ${seen}`),
  ]
}

const logLines = ({ vm, log, tail }: ScenarioRecord['logs'][number]): readonly string[] => [`== ${vm} ${log}`, tail]

interface CaseNames {
  readonly name: string
  readonly classname: string
  readonly durationMs: number
}

function testCase({ name, classname, durationMs }: CaseNames, parts: readonly string[]): string {
  const head = `    <testcase name="${xmlText(name)}" classname="${xmlText(classname)}" time="${seconds(durationMs)}"`
  return [`${head}>`, ...parts.map(part => `      ${part}`), '    </testcase>'].join('\n')
}

const element = (name: string, lines: readonly (string | undefined)[]): string =>
  `<${name}>${xmlText(lines.filter(Boolean).join('\n'))}</${name}>`

function failureElement(event: TaskFinished): string {
  const failure = event.failure ?? { kind: 'failed' as const, message: event.because }
  return `<failure message="${xmlText(failure.message)}" type="${failure.kind}">${xmlText(renderFailure(failure))}</failure>`
}

const seconds = (durationMs: number): string => (durationMs / 1000).toFixed(3)

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
}

/** XML 1.0 knows no control characters but tab and line ends, not even escaped. */
const xmlText = (text: string): string =>
  text.replaceAll(/[&<>"']|[^\P{Cc}\t\n\r]|[\uFFFE\uFFFF]|\p{Cs}/gu, found => entities[found] ?? '\uFFFD')
