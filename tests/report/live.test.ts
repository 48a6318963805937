import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LiveReporter } from '../../src/report/terminal/live.ts'
import { recordedRun } from './recorded-run.ts'
import { Screen } from './screen.ts'

function liveOn(screen: Screen) {
  return new LiveReporter({
    output: {
      progress: text => screen.write(text),
      result: text => screen.write(text),
      draw: (erase, text) => screen.write(erase + text),
    },
    color: true,
    verbose: false,
    displayPath: path => path,
    terminal: () => ({ columns: screen.columns, rows: screen.rows }),
  })
}

test('while tasks run, they stand below what has ended', () => {
  const screen = new Screen(80, 24)
  const reporter = liveOn(screen)
  for (const event of recordedRun.slice(0, 9)) reporter.event(event)
  reporter.redraw()
  const lines = screen.lines()
  assert.match(lines[0] ?? '', /^test-ipv6 · 4 tasks$/)
  assert.match(lines[1] ?? '', /✓ build-keepalived {6}up to date/)
  assert.match(lines[2] ?? '', /✓ make-overlay/)
  assert.match(lines[3] ?? '', /● lb-reboot .*waiting for the VIP on vm-192/)
  assert.match(lines[4] ?? '', /2 of 4 done · 1 waiting/)
  assert.equal(lines.length, 5)
  reporter.close()
})

test('in the end only lasting lines are on the screen, each once', () => {
  const screen = new Screen(80, 24)
  const reporter = liveOn(screen)
  for (const event of recordedRun) {
    reporter.event(event)
    reporter.redraw()
  }
  reporter.close()
  const text = screen.lines().join('\n')
  assert.ok(!text.includes('●') && !text.includes(' done'), text)
  for (const task of ['build-keepalived', 'make-overlay', 'summary'])
    assert.equal(text.split(`${task} `).length, 2, `${task} once in\n${text}`)
  assert.match(text, /failed in 62\.0 s/)
})

const sizes = [
  { name: 'lower than the number of running tasks', columns: 100, rows: 6, narrower: 100 },
  { name: 'that becomes narrower while tasks run', columns: 100, rows: 40, narrower: 50 },
]
for (const { name, columns, rows, narrower } of sizes)
  test(`a terminal ${name} keeps nothing of the live lines`, () => {
    const screen = new Screen(columns, rows)
    const reporter = liveOn(screen)
    const at = new Date().toISOString()
    reporter.event({ type: 'run-started', run: 'r', flow: 'many', tasks: 9, at })
    const tasks = Array.from({ length: 9 }, (_, index) => `task-${index}`)
    for (const task of tasks) {
      reporter.event({ type: 'task-started', task, because: 'a reason that fills the line '.repeat(5), at })
      reporter.redraw()
    }
    screen.resize(narrower)
    reporter.redraw()
    for (const task of tasks) {
      reporter.event({ type: 'task-finished', task, status: 'executed', because: 'why', durationMs: 3, at })
      reporter.redraw()
    }
    reporter.event({ type: 'run-finished', run: 'r', status: 'passed', durationMs: 9, counts: { executed: 9 }, at })
    const lines = screen.lines()
    assert.deepEqual(
      lines.map(line => line.trim().split(/\s+/)[1]),
      ['·', ...tasks, 'in'],
      lines.join('\n'),
    )
  })
