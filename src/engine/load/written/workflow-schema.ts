/** The shape of a workflow file; docs/workflow.schema.json is generated from it. */
import * as v from 'valibot'
import { durationMs, durationPattern, longestMs } from '../duration.ts'
import { recordOf } from './record-of.ts'

const describe = v.description
/** No argument or variable of a program can hold one. */
const withoutNul = v.check((text: string) => !text.includes('\0'), 'a text without a NUL character')
const text = v.pipe(v.string('a text'), v.minLength(1, 'a text that is not empty'), withoutNul)
const texts = v.array(text, 'a list of texts')
const textOrTexts = v.union([text, texts], 'a text, or a list of texts')
const scalar = v.union([v.pipe(v.string(), withoutNul), v.number(), v.boolean()], 'a text, a number or true/false')
const flag = v.boolean('true or false')
const name = v.pipe(
  v.string('a name'),
  v.regex(/^[A-Za-z_][A-Za-z0-9_.-]*$/, 'a name of letters, digits, "_", "." and "-" that starts with a letter or "_"'),
)
const variable = v.pipe(
  v.string('a variable name'),
  v.regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'the name of an environment variable'),
)
const count = v.pipe(v.number('a number'), v.integer('a whole number'), v.minValue(0, 'not less than 0'))
const duration = v.pipe(
  v.string('a duration such as 90s, 10m or 1h30m'),
  v.regex(durationPattern, 'a duration such as 90s, 10m or 1h30m'),
  v.check(text => durationMs(text) <= longestMs, 'at most 24 days (576h)'),
)

const matrixForms = 'a mapping of lists, or a list of combinations'

const param = v.strictObject({
  description: v.optional(text),
  default: v.optional(v.pipe(scalar, describe('Absent: a value must be given'))),
  enum: v.optional(v.pipe(v.array(scalar, 'a list of values'), v.minLength(1, 'at least one value'))),
  env: v.optional(
    v.pipe(
      v.union([variable, v.array(variable)], 'the name of an environment variable, or a list of them'),
      describe('Environment variables that set it'),
    ),
  ),
})

const matrixProduct = v.pipe(
  recordOf(name, v.pipe(v.array(scalar, 'a list of values'), v.minLength(1, 'at least one value')), matrixForms),
  describe('A task for each combination of the values'),
)
const matrixList = v.pipe(
  v.array(
    v.pipe(
      recordOf(name, scalar, 'a mapping of values'),
      v.check(values => Object.keys(values).length > 0, 'at least one value'),
    ),
    matrixForms,
  ),
  v.minLength(1, 'at least one combination'),
  describe('A task for each of these combinations, which have the same keys'),
)
/**
 * The forms are distinguished first, so that a mistake is reported for the form that was meant. Asked about nothing,
 * it is either.
 */
const matrix = v.lazy(input => {
  if (input === undefined) return v.union([matrixProduct, matrixList])
  return Array.isArray(input) ? matrixList : matrixProduct
})

const sandbox = v.strictObject({
  root: v.pipe(text, describe('The need whose output is the archive of the root')),
  network: v.optional(flag),
})

const taskSchema = v.strictObject({
  description: v.optional(text),
  run: v.optional(v.pipe(text, describe('bash, -euo pipefail, in the project’s root, or in `dir`'))),
  dir: v.optional(v.pipe(text, describe('Where `run` and `fingerprint` run; else the project’s root'))),
  args: v.optional(v.pipe(flag, describe('What stands after "--" on the command line is "$@" in `run`'))),
  interactive: v.optional(v.pipe(flag, describe('Gets the terminal, and always runs'))),
  uses: v.optional(v.pipe(text, describe('A task type written in TypeScript'))),
  with: v.optional(recordOf(v.string(), v.unknown(), 'a mapping')),
  needs: v.optional(v.pipe(textOrTexts, describe('Order and data: outputs of needs are inputs too'))),
  inputs: v.optional(v.pipe(textOrTexts, describe('Paths and globs from the project’s root; "!" excludes'))),
  outputs: v.optional(
    v.pipe(textOrTexts, describe('Files, folders and globs that this task owns; "!" excludes from globs')),
  ),
  env: v.optional(
    v.pipe(
      v.union([variable, v.array(variable)], 'a variable name, or a list of them'),
      describe('The only variables passed on'),
    ),
  ),
  dotenv: v.optional(v.pipe(textOrTexts, describe('Files with lines NAME=value: variables passed on, too'))),
  fingerprint: v.optional(v.pipe(textOrTexts, describe('Commands whose stdout is part of the fingerprint'))),
  cache: v.optional(
    v.pipe(
      v.union([v.boolean(), v.literal('local')], 'true, false or local'),
      describe(
        'false: always runs; local: never in a remote cache, nor what needs it, because the result may hold secrets',
      ),
    ),
  ),
  timeout: v.optional(duration),
  retries: v.optional(v.pipe(count, v.maxValue(100, 'at most 100'))),
  matrix: v.optional(matrix),
  resources: v.optional(
    v.pipe(recordOf(name, count, 'a mapping of amounts'), describe('Amounts of pools; cpu: 1 when it is not named')),
  ),
  sandbox: v.optional(sandbox),
  when: v.optional(
    v.pipe(
      recordOf(name, v.union([scalar, v.array(scalar)], 'a value, or a list of them'), 'a mapping of values'),
      describe(
        'Parameters that must have one of these values; otherwise the task is not there, for its dependents too',
      ),
    ),
  ),
  always: v.optional(v.pipe(flag, describe('Runs when its needs ended, however they ended'))),
  cleans: v.optional(v.pipe(text, describe('The task that this one cleans up after'))),
})

export const workflowSchema = v.strictObject({
  description: v.optional(text),
  group: v.optional(v.pipe(text, describe('Where `k8s-ha flow` lists it'))),
  include: v.optional(v.pipe(textOrTexts, describe('Workflows whose tasks and parameters are available too'))),
  params: v.optional(recordOf(name, v.nullable(param), 'a mapping of parameters')),
  tasks: v.optional(recordOf(name, v.nullable(taskSchema), 'a mapping of tasks')),
})

export type RawTask = v.InferOutput<typeof taskSchema>
export type RawParam = v.InferOutput<typeof param>
export type RawWorkflow = v.InferOutput<typeof workflowSchema>

const keysByLevel = {
  workflow: Object.keys(workflowSchema.entries),
  task: Object.keys(taskSchema.entries),
  param: Object.keys(param.entries),
  sandbox: Object.keys(sandbox.entries),
}

/** The keys that a strict object at this path may have, for "did you mean". */
export function knownKeys(path: readonly (string | number)[]): readonly string[] {
  if (path.length === 0) return keysByLevel.workflow
  if (path.length === 2 && path[0] === 'params') return keysByLevel.param
  if (path.length === 2 && path[0] === 'tasks') return keysByLevel.task
  return keysByLevel.sandbox
}
