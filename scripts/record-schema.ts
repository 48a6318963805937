/** Writes docs/scenario-record.schema.json, the format of scenario.json, from the schema that the reports read it with. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { toJsonSchema } from '@valibot/to-json-schema'
import { recordSchema } from '../src/ha/record/record-schema.ts'

export const recordSchemaFile = join(import.meta.dirname, '../docs/scenario-record.schema.json')

export function recordJsonSchema(): string {
  const schema = toJsonSchema(recordSchema, { errorMode: 'ignore', typeMode: 'input' })
  return `${JSON.stringify({ title: 'k8s-ha scenario record', ...schema }, undefined, 2)}\n`
}

if (import.meta.main) writeFileSync(recordSchemaFile, recordJsonSchema())
