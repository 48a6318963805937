/** The values of a workflow's parameters: --set over environment over k8s-ha.yaml over defaults. */
import { type Failure, usage } from '../../platform/failure.ts'
import { didYouMean } from '../../text/did-you-mean.ts'
import { placeText } from '../../text/source-text.ts'
import type { Project } from '../project.ts'
import type { Param, ParamDefinition, Scalar } from '../workflow/workflow.ts'
import { type CollectedFile, isCombined } from './collect-files.ts'
import { type Given, givenValue } from './given-value.ts'
import type { RawParam } from './written/workflow-schema.ts'

/**
 * Definitions by name. A file's own definition replaces those of the files that it includes, whichever way these are
 * reached; equal ones are one; of others neither is meant.
 */
export function collectParams(files: readonly CollectedFile[]): readonly ParamDefinition[] {
  const visit = (index: number, seen: Set<number>): Map<string, { definition: ParamDefinition; from: number }> => {
    const found = new Map<string, { definition: ParamDefinition; from: number }>()
    const file = files[index]
    if (!file || seen.has(index)) return found
    seen.add(index)
    const own = file.file.raw.params ?? {}
    for (const included of file.includes) {
      for (const [name, entry] of visit(included, seen)) {
        const other = found.get(name)
        if (!other || includes(files, entry.from, other.from)) found.set(name, entry)
        else if (
          !Object.hasOwn(own, name) &&
          !equal(other.definition, entry.definition) &&
          !includes(files, other.from, entry.from)
        )
          conflict(files, entry, other)
      }
    }
    for (const [name, raw] of Object.entries(own)) found.set(name, { definition: define(name, raw ?? {}), from: index })
    return found
  }
  return [...visit(0, new Set()).values()].map(({ definition }) => definition)
}

/** Whether a file includes another, directly or not. */
function includes(files: readonly CollectedFile[], from: number, wanted: number, seen = new Set<number>()): boolean {
  if (seen.has(from)) return false
  seen.add(from)
  return (files[from]?.includes ?? []).some(next => next === wanted || includes(files, next, wanted, seen))
}

export function define(name: string, raw: RawParam): ParamDefinition {
  const { env, ...rest } = raw
  const own = env === undefined ? [] : typeof env === 'string' ? [env] : env
  return { name, ...withoutUndefined(rest), env: own }
}

/** The value of each parameter; failures name the value that is not allowed. */
export function resolveParams(
  definitions: readonly ParamDefinition[],
  project: Pick<Project, 'set' | 'environment' | 'projectSettings' | 'knownSettings'>,
): { readonly params: readonly Param[]; readonly failures: readonly Failure[] } {
  const failures: Failure[] = []
  const known = [...definitions.map(({ name }) => name), ...(project.knownSettings ?? [])]
  for (const name of project.set?.keys() ?? [])
    if (!known.includes(name)) failures.push(usage(`Unknown parameter or setting "${name}"${didYouMean(name, known)}`))
  const params: Param[] = []
  for (const definition of definitions) {
    const variables = [...definition.env, ownVariable(definition.name)]
    const given = givenValue({ name: definition.name, variables }, project)
    const value = given === undefined ? definition.default : convert(definition, given.text)
    const from = given
      ? { source: given.source, ...(given.variable ? { variable: given.variable } : {}) }
      : { source: 'default' as const }
    if (value === undefined || (definition.enum && !definition.enum.includes(value)))
      failures.push(refusal(definition, given))
    else params.push({ ...definition, value, ...from })
  }
  return { params, failures }
}

/** Each parameter has one, beside others that its workflow names. */
export const ownVariable = (name: string): string => `K8S_HA_${name.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')}`

/** A text as the type that the parameter has; undefined when it is none. */
function convert(definition: ParamDefinition, text: string): Scalar | undefined {
  const like = definition.enum?.find(value => String(value) === text) ?? definition.default ?? ''
  // A number that JavaScript would write in another way stays as it is written.
  if (typeof like === 'number' && String(Number(text)) === text) return Number(text)
  if (typeof like === 'number') return text.trim() !== '' && Number.isFinite(Number(text)) ? text : undefined
  if (typeof like === 'boolean')
    return { true: true, yes: true, '1': true, false: false, no: false, '0': false }[text.toLowerCase()]
  return text
}

function refusal(definition: ParamDefinition, given: Given | undefined): Failure {
  const { name } = definition
  const allowed = definition.enum ? `one of ${definition.enum.join(', ')}` : `a ${typeof definition.default}`
  if (!given && definition.default === undefined)
    return usage(`Parameter "${name}" has no value`, {
      try: `--set ${name}=…${definition.description ? `   (${definition.description})` : ''}`,
    })
  const from = given?.variable
    ? ` (from the variable ${given.variable})`
    : given?.source === 'project'
      ? ' (from k8s-ha.yaml)'
      : ''
  const text = given?.text ?? String(definition.default)
  const hint = definition.enum ? didYouMean(text, definition.enum.map(String)) : ''
  return usage(`Parameter "${name}" cannot be "${text}"${from}: expected ${allowed}${hint}`)
}

function conflict(
  files: readonly CollectedFile[],
  entry: { definition: ParamDefinition; from: number },
  other: { from: number },
): void {
  const { name } = entry.definition
  const mend = isCombined(files) ? 'run the flows one after the other' : 'define it in the including workflow'
  const place = files[other.from]?.file.place(['params', name], 'key')
  files[entry.from]?.file.problem(
    `Parameter "${name}" is defined differently at ${place ? placeText(place) : 'another place'}; ${mend}`,
    ['params', name],
    'key',
  )
}

const equal = (a: ParamDefinition, b: ParamDefinition): boolean => JSON.stringify(a) === JSON.stringify(b)

const withoutUndefined = <T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(value).filter(([, part]) => part !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>
  }
