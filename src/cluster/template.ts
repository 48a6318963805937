/** Fills ${NAME} in the overlay's templates. Nothing else is special in them. */
import { type Failure, together, usage } from '../platform/failure.ts'
import { fail, ok, type Result } from '../platform/result.ts'
import type { Variables } from './overlay-file.ts'

/** `file`: the template's name in errors. A name without a value is an error, never an empty text. */
export function fillTemplate(text: string, file: string, variables: Variables): Result<string> {
  const problems: Failure[] = []
  const filled = text.split('\n').map((line, index) =>
    line.replace(/\$\{([^}]*)\}/g, (whole, name: string, offset: number) => {
      const value = Object.hasOwn(variables, name) ? variables[name] : undefined
      if (value !== undefined) return String(value)
      const known = Object.keys(variables).sort().join(', ')
      problems.push(
        usage(`Cannot fill ${whole}: this template has no such variable`, {
          at: `${file}:${index + 1}:${offset + 1}`,
          excerpt: `${line}\n${' '.repeat(offset)}^`,
          try: `use one of ${known}`,
        }),
      )
      return whole
    }),
  )
  if (problems.length > 0) return fail(together(problems))
  return ok(filled.join('\n'))
}
