/** What others wrote is shown, not sent to the terminal. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { shownInLine, shownLines } from '../../src/report/printable.ts'
import type { ReportedEvent } from '../../src/report/reporter.ts'
import { lineReporter } from '../../src/report/terminal/line.ts'
import { LiveReporter } from '../../src/report/terminal/live.ts'
import { renderFailure } from '../../src/report/terminal/render-failure.ts'

const title = '\u001b]0;owned\u0007'
const clear = '\u001b[2J'
const c1 = '\u009b31m'
const reversed = '\u202e'
const hidden = '\u001b[8m'

test('control characters, of eight bits too, and changes of direction are escaped', () => {
  assert.equal(
    shownInLine(`a${title}${clear}${c1}${reversed}${hidden}\u007f\nä`),
    'a\\u001b]0;owned\\u0007\\u001b[2J\\u009b31m\\u202e\\u001b[8m\\u007f\\nä',
  )
  assert.equal(shownLines(`one\ttwo\nthree${title}\u001b[31m`), 'one\ttwo\nthree\\u001b]0;owned\\u0007\\u001b[31m')
  assert.equal(shownLines(`\u001b[31mred\u001b[39m${clear}`, { keepColors: true }), '\u001b[31mred\u001b[39m\\u001b[2J')
  const plain = 'plain: ä 漢 👩‍🔬'
  assert.equal(shownInLine(plain), plain)
})

test('a failure sends nothing but text, and drops the colours of what a program printed', () => {
  const failure = renderFailure({
    kind: 'failed',
    message: `Task "${title}" failed`,
    at: `${title}.yaml:1:1`,
    excerpt: `1 | run: ${clear}`,
    last: `\u001b[31mred\u001b[0m${title}${clear}`,
    log: `/p/${title}`,
    try: `rm ${reversed}`,
  })
  assert.doesNotMatch(failure, /[^\P{Cc}\n]|\u202e/u)
  assert.match(failure, /last: {2}red\\u001b\]0;owned\\u0007\\u001b\[2J/)
})

const name = `x${title}`
const at = new Date(0).toISOString()
const events: readonly ReportedEvent[] = [
  { type: 'run-started', run: 'r', flow: `f${clear}`, tasks: 1, at },
  { type: 'task-started', task: name, because: `input ${clear} changed`, at },
  { type: 'task-progress', task: name, text: `at ${title}`, at: new Date(60_000).toISOString() },
  { type: 'task-output', task: name, stream: 'stdout', text: `out${title}\n`, at },
  { type: 'warning', task: name, text: `careful${clear}`, at },
  {
    ...{ type: 'task-finished', task: name, status: 'failed', because: `input ${clear} changed`, durationMs: 1, at },
    failure: { kind: 'failed', message: `Task ${title} failed`, last: title },
  },
  { type: 'run-finished', run: 'r', status: 'failed', durationMs: 1, counts: { failed: 1 }, at },
]

for (const kind of ['lines', 'live'] as const)
  test(`no event makes a report send control characters: ${kind}`, () => {
    let written = ''
    const add = (text: string) => {
      written += text
    }
    const output = { progress: add, result: add, draw: (_erase: string, text: string) => add(text) }
    const options = { output, color: false, verbose: true, displayPath: (path: string) => path }
    const reporter =
      kind === 'lines'
        ? lineReporter(options)
        : new LiveReporter({ ...options, terminal: () => ({ columns: 200, rows: 40 }) })
    for (const event of events) {
      reporter.event(event)
      if (reporter instanceof LiveReporter) reporter.redraw()
    }
    reporter.close()
    assert.doesNotMatch(written, /[^\P{Cc}\n]/u)
    assert.match(written, /x\\u001b\]0;owned\\u0007/)
  })
