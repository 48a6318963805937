/** What is wrong with the outputs of one task, as they are written. */
import { globsAmong, isOutputGlob } from '../workflow/output-globs.ts'
import { isInside, outputPath, outputPattern } from '../workflow/project-path.ts'

export const checkedOutput = (text: string, reserved: readonly string[]): ReturnType<typeof outputPath> =>
  isOutputGlob(text) ? outputPattern(text, reserved) : outputPath(text, reserved)

interface Circumstances {
  /** The task type. */
  readonly uses: string | undefined
  readonly reserved: readonly string[]
}

interface CheckedGlobs {
  readonly problem?: string
  /** To be added: what no output may touch is excluded from globs that could match it. */
  readonly excluded: readonly string[]
}

export function checkedGlobs(outputs: readonly string[], { uses, reserved }: Circumstances): CheckedGlobs {
  const globs = globsAmong(outputs)
  if (!globs) return { excluded: [] }
  const excluded = reserved.filter(place => globs.bases.some(base => base === '.' || isInside(place, base)))
  const problem =
    globs.patterns.length === 0
      ? `Output "${outputs.find(isOutputGlob)}" excludes nothing: no output is a glob`
      : uses === undefined
        ? undefined
        : `The task type "${uses}" makes files or folders: no output can be a glob`
  return { ...(problem === undefined ? {} : { problem }), excluded: excluded.map(place => `!${place}`) }
}
