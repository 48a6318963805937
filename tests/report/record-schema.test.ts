import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import * as v from 'valibot'
import { recordJsonSchema, recordSchemaFile } from '../../scripts/record-schema.ts'
import { recordSchema } from '../../src/ha/record/record-schema.ts'
import { sampleRecords } from './sample-run.ts'

// That the schema gives a ScenarioRecord, the compiler checks; here: that it drops nothing of one.
test('the schema keeps every field of a record', () => {
  for (const record of sampleRecords) assert.deepEqual(v.parse(recordSchema, record), record)
})

test('the schema in docs/ is that of the program', () => {
  assert.equal(
    readFileSync(recordSchemaFile, 'utf8'),
    recordJsonSchema(),
    'run: node_modules/.bin/node scripts/record-schema.ts',
  )
})

/** Fields that came later: what was written before them is read as well. */
const later = ['lateMs', 'slowness']

test('a record that an earlier version wrote is read, without what that did not measure', () => {
  for (const record of sampleRecords) {
    const { lateMs: _, slowness: __, cluster, ...others } = record
    const { insteadOf: ___, ...facts } = cluster
    const read = v.parse(recordSchema, { ...others, cluster: facts })
    assert.deepEqual(read, { ...record, lateMs: null, slowness: null, cluster: { ...cluster, insteadOf: null } })
  }
})

test('what a record lacks, or has wrong, is refused', () => {
  for (const record of sampleRecords) {
    for (const field of Object.keys(record).filter(name => !later.includes(name))) {
      const { [field]: _, ...others } = Object.fromEntries(Object.entries(record))
      assert.ok(!v.safeParse(recordSchema, others).success, `without ${field}`)
    }
    assert.ok(!v.safeParse(recordSchema, { ...record, verdict: 'fine' }).success)
    assert.ok(!v.safeParse(recordSchema, { ...record, format: 2 }).success)
  }
})
