/** A scenario in a file of its own: workflows/scenarios/<name>.yaml. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { safeParse } from 'valibot'
import { type Document, isNode, parseDocument } from 'yaml'
import { placeText, SourceText } from '../../src/engine/source-text.ts'
import { didYouMean } from '../../src/engine/suggest.ts'
import { type ScenarioText, scenarioSchema } from '../../src/ha/scenario-schema.ts'
import { type Failure, usage } from '../../src/platform/failure.ts'
import { fail, ok, type Result } from '../../src/platform/result.ts'

const folder = 'workflows/scenarios'
const maxBytes = 1024 * 1024

type Path = readonly (string | number)[]

export interface ScenarioFile {
  readonly scenario: ScenarioText
  /** A mistake in it, told at its place. */
  failureAt(path: Path, message: string): Failure
}

export function readScenarioFile(projectDir: string, name: string): Result<ScenarioFile> {
  const file = `${folder}/${name}.yaml`
  const path = join(projectDir, file)
  if (!/^[a-z0-9][a-z0-9-]*$/.test(name) || !existsSync(path)) return fail(unknownScenario(projectDir, name))
  const source = new SourceText(file, readFileSync(path, 'utf8'))
  const parsed = parse(source)
  if (!parsed.ok) return parsed
  const document = parsed.value
  const failureAt = (at: Path, message: string): Failure => {
    const [start, end] = rangeAt(document, at)
    return usage(message, { at: placeText(source.place(start)), excerpt: source.excerpt(start, end - start) })
  }
  const value = plain(document)
  if (value === undefined) return fail(failureAt([], 'Cannot read the scenario: its aliases repeat too much'))
  const checked = safeParse(scenarioSchema, value)
  if (checked.success) return ok({ scenario: checked.output, failureAt })
  const failures = checked.issues.map(issue => {
    const at = (issue.path ?? []).map(({ key }) => (typeof key === 'number' ? key : String(key)))
    return failureAt(
      at,
      `The scenario "${name}" is wrong${at.length > 0 ? ` at "${at.join('.')}"` : ''}: ${issue.message}`,
    )
  })
  const [first = usage(`The scenario "${name}" is wrong`), ...also] = failures
  return fail({ ...first, ...(also.length > 0 ? { also } : {}) })
}

function unknownScenario(projectDir: string, name: string): Failure {
  const known = existsSync(join(projectDir, folder))
    ? readdirSync(join(projectDir, folder)).flatMap(file => (file.endsWith('.yaml') ? [file.slice(0, -5)] : []))
    : []
  return usage(`There is no scenario "${name}" in ${folder}${didYouMean(name, known)}`)
}

function parse(source: SourceText): Result<Document> {
  const wrong = (message: string, offset = 0) =>
    fail(usage(message, { at: placeText(source.place(offset)), excerpt: source.excerpt(offset, 1) }))
  if (source.text.length > maxBytes) return wrong('Cannot read the scenario: it is larger than 1 MiB')
  try {
    const document = parseDocument(source.text, { prettyErrors: false, logLevel: 'error' })
    const [error] = document.errors
    return error ? wrong(`Cannot read the scenario: ${error.message}`, error.pos[0]) : ok(document)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    return wrong('Cannot read the scenario: it is nested too deeply')
  }
}

function plain(document: Document): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 }) ?? {}
  } catch {
    return undefined
  }
}

/** Of the node at the path, or of the nearest one above it. */
function rangeAt(document: Document, path: Path): readonly [number, number] {
  for (let length = path.length; length >= 0; length--) {
    const node = length === 0 ? document.contents : document.getIn(path.slice(0, length), true)
    if (isNode(node) && node.range) return [node.range[0], node.range[1]]
  }
  return [0, 1]
}
