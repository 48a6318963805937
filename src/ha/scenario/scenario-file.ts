/** A scenario in a file of its own: workflows/scenarios/<name>.yaml. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type BaseIssue, safeParse } from 'valibot'
import { type Failure, together, usage } from '../../platform/failure.ts'
import { entriesOf } from '../../platform/folder-entries.ts'
import { fail, ok, type Result } from '../../platform/result.ts'
import { didYouMean } from '../../text/did-you-mean.ts'
import { SourceText } from '../../text/source-text.ts'
import { failureAt, type Path, YamlDocument } from '../../text/yaml-document.ts'
import { type ScenarioText, scenarioSchema } from './scenario-schema.ts'

const folder = 'workflows/scenarios'
const maxBytes = 1024 * 1024

export interface ScenarioFile {
  readonly scenario: ScenarioText
  /** A mistake in it, reported with its place. */
  failureAt(path: Path, message: string): Failure
}

export function readScenarioFile(projectDir: string, name: string): Result<ScenarioFile> {
  const file = `${folder}/${name}.yaml`
  const path = join(projectDir, file)
  if (!/^[a-z0-9][a-z0-9-]*$/.test(name) || !existsSync(path)) return fail(unknownScenario(projectDir, name))
  const source = new SourceText(file, readFileSync(path, 'utf8'))
  const document = new YamlDocument(source, { what: 'scenario', maxBytes })
  const value = document.value() ?? {}
  if (document.failures.length > 0) return fail(together(document.failures))
  const at = (where: Path, message: string, part: 'key' | 'value' = 'value'): Failure =>
    failureAt(source, message, document.range(where, part))
  if (Array.isArray(value)) return fail(at([], `The scenario "${name}" is a list: expected a mapping`))
  const checked = safeParse(scenarioSchema, value)
  if (checked.success) return ok({ scenario: checked.output, failureAt: at })
  const mistakes = checked.issues.map(issue => {
    const { path: where, message, part } = mistakeOf(issue, name)
    return at(where, message, part)
  })
  return fail(together(mistakes))
}

function mistakeOf(issue: BaseIssue<unknown>, name: string) {
  const path = (issue.path ?? []).map(({ key }) => (typeof key === 'number' ? key : String(key)))
  const where = path.length > 0 ? ` at "${path.join('.')}"` : ''
  const key = String(path.at(-1) ?? '')
  if (path.length === 1 && issue.expected === 'never')
    return {
      path,
      message: `Unknown key "${key}" in the scenario "${name}"${didYouMean(key, Object.keys(scenarioSchema.entries))}`,
      part: 'key' as const,
    }
  return { path, message: `The scenario "${name}" is wrong${where}: ${issue.message}`, part: 'value' as const }
}

function unknownScenario(projectDir: string, name: string): Failure {
  const files = entriesOf(join(projectDir, folder))
  const known = files.flatMap(file => (file.endsWith('.yaml') ? [file.slice(0, -5)] : []))
  return usage(`There is no scenario "${name}" in ${folder}${didYouMean(name, known)}`)
}
