/** What a scenario says, in a file of its own or among the options of a task. */
import * as v from 'valibot'
import { faultVerbs } from '../faults/faults.ts'
import { type ProbeName, probeNames, usualClientTimeoutMs } from '../probes/probe-names.ts'
import { budgetsSchema } from '../verdict/budgets.ts'
import { stepsSchema } from './steps.ts'

const probeName = v.picklist(probeNames, issue => `there is no probe ${issue.received}: ${probeNames.join(', ')}`)

const probes: v.GenericSchema<unknown, readonly ProbeName[]> = v.union(
  [
    v.pipe(
      v.picklist(['all', 'none']),
      v.transform(word => (word === 'all' ? probeNames : [])),
    ),
    v.array(probeName),
  ],
  ({ input }) =>
    Array.isArray(input)
      ? `there is no probe ${JSON.stringify(input.find(one => !probeNames.some(name => name === one)))}: ${probeNames.join(', ')}`
      : 'probes are "all", "none" or a list of names',
)

export const scenarioEntries = {
  description: v.optional(v.string(), ''),
  steps: stepsSchema,
  probes: v.optional(probes, 'all'),
  /** Seconds in which a read or a write of a client must be answered. */
  'clients-wait': v.optional(v.pipe(v.number(), v.minValue(0.05), v.maxValue(10)), usualClientTimeoutMs / 1000),
  budgets: v.optional(budgetsSchema, {}),
  /** Faults that a driver may lack: then the scenario is skipped, with that reason. */
  'skip-without': v.optional(
    v.array(v.picklist(faultVerbs, issue => `there is no fault ${issue.received}: ${faultVerbs.join(', ')}`)),
    [],
  ),
  /** Services that may end also where no fault hit. */
  'may-restart': v.optional(v.array(v.string()), []),
}

export const scenarioSchema = v.strictObject(scenarioEntries)

export type ScenarioText = v.InferOutput<typeof scenarioSchema>
