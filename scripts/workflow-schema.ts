/** Writes docs/workflow.schema.json, the format of workflow files for editors, from the schema that the engine uses. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { toJsonSchema } from '@valibot/to-json-schema'
import { workflowSchema } from '../src/engine/load/written/workflow-schema.ts'

export const schemaFile = join(import.meta.dirname, '../docs/workflow.schema.json')

/** What JSON Schema cannot say (that a list is no mapping, it says already) is left out. */
export function workflowJsonSchema(): string {
  const schema = toJsonSchema(workflowSchema, { errorMode: 'ignore', typeMode: 'input' })
  return `${JSON.stringify({ title: 'k8s-ha workflow', ...schema }, undefined, 2)}\n`
}

if (import.meta.main) writeFileSync(schemaFile, workflowJsonSchema())
