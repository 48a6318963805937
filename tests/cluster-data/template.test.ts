/** Templates: what users may edit, and what they are told when they err. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fillTemplate } from '../../src/cluster/template.ts'

test('variables are filled wherever they stand, everything else stays', () => {
  const filled = fillTemplate(`a \${X}:\${Y}\n$X $(Y) {Z}\n`, 't', { X: 1, Y: 'two' })
  assert.deepEqual(filled, { ok: true, value: 'a 1:two\n$X $(Y) {Z}\n' })
})

test('a value is not a template', () => {
  assert.deepEqual(fillTemplate(`\${X}`, 't', { X: `\${Y} $& $1`, Y: 'no' }), { ok: true, value: `\${Y} $& $1` })
})

test('an unknown variable is an error with its place and the variables there are', () => {
  const filled = fillTemplate(`first\n  bind \${PROT}\n`, 'overlay/etc/haproxy.cfg.template', { PORT: 1, BIND: 2 })
  assert.ok(!filled.ok)
  assert.equal(filled.failure.kind, 'usage')
  assert.equal(filled.failure.at, 'overlay/etc/haproxy.cfg.template:2:8')
  assert.equal(filled.failure.excerpt, `  bind \${PROT}\n       ^`)
  assert.equal(filled.failure.try, 'use one of BIND, PORT')
})

test('names that every object has are unknown too', () => {
  assert.ok(!fillTemplate(`\${constructor}`, 't', {}).ok)
})
