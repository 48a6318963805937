/** Which of those that give a value counts. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { givenValue } from '../../src/engine/load/given-value.ts'

const wanted = { name: 'family', variables: ['FIRST', 'SECOND'] }
const set = new Map([['family', 'set']])
const projectSettings = new Map([['family', 'written']])

test('--set counts before the environment, that before k8s-ha.yaml', () => {
  const environment = { SECOND: 'inherited' }
  assert.deepEqual(givenValue(wanted, { set, environment, projectSettings }), { text: 'set', source: 'set' })
  assert.deepEqual(givenValue(wanted, { environment, projectSettings }), {
    text: 'inherited',
    source: 'environment',
    variable: 'SECOND',
  })
  assert.deepEqual(givenValue(wanted, { environment: {}, projectSettings }), { text: 'written', source: 'project' })
  assert.equal(givenValue(wanted, { environment: {} }), undefined)
})

test('of the variables the first counts that is not empty', () => {
  const given = (environment: Record<string, string>) => givenValue(wanted, { environment })?.text
  assert.equal(given({ FIRST: 'one', SECOND: 'two' }), 'one')
  assert.equal(given({ FIRST: '', SECOND: 'two' }), 'two')
  assert.equal(given({ FIRST: '' }), undefined)
})

test('an empty text counts where it was written on purpose', () => {
  const environment = { FIRST: 'one' }
  assert.equal(givenValue(wanted, { set: new Map([['family', '']]), environment })?.text, '')
  assert.equal(givenValue(wanted, { environment: {}, projectSettings: new Map([['family', '']]) })?.text, '')
})
