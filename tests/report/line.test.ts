import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lineReporter } from '../../src/report/terminal/line.ts'
import { recordedRun } from './recorded-run.ts'

const esc = '\u001b'

function report(options: { readonly verbose: boolean; readonly color?: boolean }) {
  const written = { progress: '', result: '' }
  const reporter = lineReporter({
    output: {
      progress: text => {
        written.progress += text
      },
      result: text => {
        written.result += text
      },
    },
    color: options.color ?? false,
    verbose: options.verbose,
    displayPath: path => path.replace('/project/', ''),
  })
  for (const event of recordedRun) reporter.event(event)
  reporter.close()
  return written
}

test('one line per event on stderr, the failure in full at the end, the verdict on stdout', () => {
  const { progress, result } = report({ verbose: false })
  assert.equal(
    progress,
    [
      'test-ipv6 · 4 tasks',
      '  ✓ build-keepalived      up to date',
      '  ● make-overlay                      input overlay/haproxy.cfg changed',
      '  ✓ make-overlay               0.4 s  input overlay/haproxy.cfg changed',
      '  ● lb-reboot                         never cached',
      '  ● lb-reboot                         waiting for the VIP on vm-192',
      'warning: lb-reboot: the clock jumped',
      '  ✗ lb-reboot                 61.0 s  The API did not answer through the VIP within 60 s',
      '  − summary                  skipped  lb-reboot failed',
      'error: The API did not answer through the VIP within 60 s',
      '  task:  lb-reboot',
      '  last:  connection refused, 41 times',
      '  log:   cache/runs/20260101-000000/lb-reboot',
      '',
    ].join('\n'),
  )
  assert.equal(
    result,
    'failed in 62.0 s · 1 executed, 1 up to date, 1 failed, 1 skipped · logs in cache/runs/20260101-000000\n',
  )
})

test('verbose shows whole lines of what tasks print, without what would move the cursor', () => {
  const { progress } = report({ verbose: true })
  assert.match(progress, /^ {4}make-overlay │ rendering 9 VMs$/m)
  assert.match(progress, /^ {4}lb-reboot │ still <no> answer$/m)
})

test('without colour no escape sequence is written, with colour every one is closed', () => {
  assert.ok(!report({ verbose: true }).progress.includes(esc))
  const { progress } = report({ verbose: true, color: true })
  const count = (codes: readonly number[]) => codes.map(code => progress.split(`${esc}[${code}m`).length - 1)
  assert.ok(count([31, 32]).every(times => times > 0))
  const [good = 0, bad = 0, busy = 0, foreground] = count([32, 31, 36, 39])
  assert.equal(good + bad + busy, foreground)
  const [strong = 0, quiet = 0, normal] = count([1, 2, 22])
  assert.equal(strong + quiet, normal)
})

test('a failure without a last observation shows the end of what the task printed', () => {
  const written: string[] = []
  const reporter = lineReporter({
    output: { progress: text => written.push(text), result: () => {} },
    color: false,
    verbose: false,
    displayPath: path => path,
  })
  const at = '2026-01-01T00:00:00.000Z'
  reporter.event({ type: 'task-output', task: 'compile', stream: 'stderr', text: 'a.c:1: expected ;\nstop', at })
  reporter.event({
    type: 'task-finished',
    task: 'compile',
    status: 'failed',
    because: 'input a.c changed',
    durationMs: 5,
    failure: { kind: 'failed', message: 'Cannot finish "cc": exit code 1' },
    at,
  })
  reporter.event({ type: 'run-finished', run: 'r', status: 'failed', durationMs: 5, counts: { failed: 1 }, at })
  assert.match(written.join(''), / {2}last: {2}a\.c:1: expected ;\n {9}stop\n/)
})
