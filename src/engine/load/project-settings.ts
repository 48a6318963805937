/** The project's own settings: `k8s-ha.yaml`, nested names joined by dots. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Scalar } from 'yaml'
import { together, usage } from '../../platform/failure.ts'
import { fail, ok, type Result } from '../../platform/result.ts'
import { readText } from '../../text/read-text.ts'
import { placeText, SourceText } from '../../text/source-text.ts'

const fileName = 'k8s-ha.yaml'

/** Empty when the project has no such file. Values are texts; a list is an error with its place. */
export async function readProjectSettings(projectDir: string): Promise<Result<ReadonlyMap<string, string>>> {
  const path = join(projectDir, fileName)
  if (!existsSync(path)) {
    const other = fileName.replace('.yaml', '.yml')
    if (!existsSync(join(projectDir, other))) return ok(new Map())
    return fail(
      usage(`Cannot use ${other}: the project’s settings are in ${fileName}`, { try: `mv ${other} ${fileName}` }),
    )
  }
  const read = readText(path, fileName, 'project’s settings')
  if (!read.ok) return read
  const text = read.value
  if (text.trim() === '') return ok(new Map())
  const { isMap, isScalar, parseDocument } = await import('yaml')
  const source = new SourceText(fileName, text)
  const settings = new Map<string, string>()
  const problem = (message: string, start: number, end: number) =>
    usage(message, { at: placeText(source.place(start)), excerpt: source.excerpt(start, Math.max(1, end - start)) })
  const document = parseDocument(text, { prettyErrors: false })
  const problems = document.errors.map(error => problem(`Cannot read ${fileName}: ${error.message}`, ...error.pos))
  const visit = (node: unknown, prefix: string): void => {
    if (!isMap(node)) return
    for (const { key, value } of node.items) {
      if (!isScalar(key)) continue
      const name = `${prefix}${key.value}`
      const [start, end] = key.range ?? [0, 1]
      if (isMap(value)) visit(value, `${name}.`)
      else if (isScalar(value) && value.value !== null) settings.set(name, textOf(value))
      else if (value !== null && !isScalar(value))
        problems.push(problem(`Setting "${name}" is not a single value`, start, end))
    }
  }
  if (document.contents !== null && !isMap(document.contents))
    problems.push(problem(`${fileName} is not a mapping`, 0, 1))
  visit(document.contents, '')
  return problems.length > 0 ? fail(together(problems)) : ok(settings)
}

/** Plain decimal numbers keep their digits: 1.10 is a version as often as a number. */
const textOf = ({ value, source = '' }: Scalar): string =>
  typeof value === 'number' && /^[-+]?\d*\.?\d+$/.test(source) ? source : String(value)
