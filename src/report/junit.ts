/** The report for CI servers: JUnit's XML, one test case per task, written when the run has ended. */
import type { RunEvent } from '../engine/events.ts'
import { OutputLines } from './output-lines.ts'
import { renderFailure } from './render-failure.ts'
import type { Reporter } from './reporter.ts'
import type { RunFinished } from './summary.ts'
import type { TaskFinished } from './task-line.ts'

type RunStarted = Extract<RunEvent, { type: 'run-started' }>

/** `write` gets the whole document, once. */
export function junitReporter(write: (xml: string) => void): Reporter {
  const cases: string[] = []
  const outputs = new Map<string, OutputLines>()
  let started: RunStarted | undefined
  let failures = 0
  let skipped = 0
  return {
    event(event) {
      if (event.type === 'run-started') started = event
      if (event.type === 'task-output') {
        const lines = outputs.get(event.task) ?? new OutputLines()
        outputs.set(event.task, lines)
        lines.add(event.text, event.stream)
      }
      if (event.type === 'task-finished') {
        if (event.status === 'failed') failures += 1
        if (isSkipped(event)) skipped += 1
        const lines = outputs.get(event.task)
        lines?.end()
        cases.push(testCase(event, started?.flow ?? '', lines?.last ?? []))
      }
      if (event.type === 'run-finished' && started) write(document(started, event, { cases, failures, skipped }))
    },
    close() {},
  }
}

interface Suite {
  readonly cases: readonly string[]
  readonly failures: number
  readonly skipped: number
}

function document(started: RunStarted, finished: RunFinished, suite: Suite): string {
  const counts = `tests="${suite.cases.length}" failures="${suite.failures}" errors="0" skipped="${suite.skipped}"`
  const time = `time="${seconds(finished.durationMs)}"`
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="k8s-ha" ${counts} ${time}>`,
    `  <testsuite name="${xmlText(started.flow)}" ${counts} ${time} timestamp="${xmlText(started.at)}">`,
    '    <properties>',
    `      <property name="run" value="${xmlText(started.run)}"/>`,
    `      <property name="status" value="${finished.status}"/>`,
    '    </properties>',
    ...suite.cases,
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n')
}

const isSkipped = (event: TaskFinished): boolean => event.status === 'skipped' || event.status === 'cancelled'

function testCase(event: TaskFinished, flow: string, lastOutput: readonly string[]): string {
  const head = `    <testcase name="${xmlText(event.task)}" classname="${xmlText(flow)}" time="${seconds(event.durationMs)}"`
  const parts = [
    ...(event.status === 'failed' ? [failureElement(event)] : []),
    ...(isSkipped(event) ? [`<skipped message="${xmlText(event.because)}"/>`] : []),
    `<system-out>${xmlText([event.status, event.because, event.note, ...lastOutput].filter(Boolean).join('\n'))}</system-out>`,
  ]
  return [`${head}>`, ...parts.map(part => `      ${part}`), '    </testcase>'].join('\n')
}

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
