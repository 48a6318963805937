/**
 * What a scenario reports while it runs: `kind` and `data` of its task-events. The record, at its end, is the result.
 * All times are milliseconds since the scenario began.
 */
import * as v from 'valibot'
import { faultSchema, sinceBeginning, stepSchema, verdictSchema } from './record-schema.ts'

const begun = v.object({ step: v.string(), fromMs: sinceBeginning })

export const scenarioEventSchema = v.variant('kind', [
  v.object({
    kind: v.literal('scenario-began'),
    data: v.object({
      scenario: v.string(),
      description: v.string(),
      cluster: v.string(),
      defect: v.nullable(v.string()),
      seed: v.number(),
    }),
  }),
  v.object({ kind: v.literal('step-began'), data: begun }),
  v.object({ kind: v.literal('step-ended'), data: stepSchema }),
  v.object({ kind: v.literal('check-began'), data: begun }),
  v.object({ kind: v.literal('check-ended'), data: stepSchema }),
  v.object({
    kind: v.literal('fault-began'),
    data: v.object({ fault: v.string(), vm: v.string(), fromMs: sinceBeginning }),
  }),
  v.object({ kind: v.literal('fault-ended'), data: faultSchema }),
  v.object({
    kind: v.literal('vip-changed'),
    data: v.object({ vm: v.string(), vip: v.string(), held: v.boolean(), atMs: sinceBeginning }),
  }),
  v.object({
    kind: v.literal('scenario-ended'),
    data: v.object({ verdict: verdictSchema, reasons: v.array(v.string()) }),
  }),
])

export type ScenarioEvent = v.InferOutput<typeof scenarioEventSchema>

export type TellScenario = (event: ScenarioEvent) => void
