import assert from 'node:assert/strict'
import { test } from 'node:test'
import { renderFailure } from '../../src/report/terminal/render-failure.ts'

test('tells the attempt, the place, what was seen, the log and what to do, in this order', () => {
  const text = renderFailure({
    kind: 'usage',
    message: 'Unknown key "need"; did you mean "needs"?',
    at: '/p/workflows/a.yaml:3:5',
    excerpt: '3 |     need: [b]\n  |     ^',
    last: 'first line\nsecond line',
    log: '/p/log',
    try: './k8s-ha flow',
  })
  assert.equal(
    text,
    [
      'error: Unknown key "need"; did you mean "needs"?',
      '  at:    /p/workflows/a.yaml:3:5',
      '  3 |     need: [b]',
      '    |     ^',
      '  last:  first line',
      '         second line',
      '  log:   /p/log',
      '  try:   ./k8s-ha flow',
      '',
    ].join('\n'),
  )
})

test('failures reported together are all shown, each once', () => {
  const text = renderFailure({
    kind: 'usage',
    message: 'First',
    also: [
      { kind: 'usage', message: 'Second' },
      { kind: 'usage', message: 'Third' },
    ],
  })
  assert.equal(text, 'error: First\nerror: Second\nerror: Third\n')
})
