/** The format for editors is the one that the engine checks. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { schemaFile, workflowJsonSchema } from '../../scripts/workflow-schema.ts'

test('docs/workflow.schema.json is what the engine’s schema gives', () => {
  assert.equal(readFileSync(schemaFile, 'utf8'), workflowJsonSchema(), 'run: node scripts/workflow-schema.ts')
})
