/** What a failure says of an input that matches nothing: what was meant, if something near is there. */
import { join, posix } from 'node:path'
import picomatch from 'picomatch'
import { type Failure, usage } from '../../platform/failure.ts'
import { namesIn } from '../../platform/file-names.ts'
import { didYouMean } from '../../text/did-you-mean.ts'
import { placeText } from '../../text/source-text.ts'
import { isGlob } from '../workflow/project-path.ts'
import type { Task } from '../workflow/workflow.ts'
import { lstat } from './lstat.ts'

export function missingInput(task: Task, pattern: string, projectDir: string): Failure {
  const what = isGlob(pattern) ? 'matches no file' : 'does not exist'
  const hint = hintFor(task, pattern, projectDir)
  return usage(`Input "${pattern}" of task "${task.name}" ${what}`, {
    at: placeText(task.place),
    ...(hint === undefined ? {} : { try: hint }),
  })
}

function hintFor({ dir }: Task, pattern: string, projectDir: string): string | undefined {
  const base = isGlob(pattern) ? picomatch.scan(pattern).base : pattern
  if (dir !== undefined && base !== '' && isThere(projectDir, posix.join(dir, base)))
    return `"${posix.join(dir, pattern)}": paths start at the project’s root, also with "dir"`
  const missing = firstMissing(projectDir, base)
  if (missing === undefined) return undefined
  const folder = posix.dirname(missing)
  const near = didYouMean(missing, siblings(projectDir, folder))
  return near === '' ? undefined : near.slice(2)
}

/** The uppermost part of a path that is not there. */
function firstMissing(projectDir: string, path: string): string | undefined {
  const parts = path.split('/').filter(part => part !== '' && part !== '.')
  for (let count = 1; count <= parts.length; count++) {
    const part = parts.slice(0, count).join('/')
    if (!isThere(projectDir, part)) return part
  }
  return undefined
}

function siblings(projectDir: string, folder: string): readonly string[] {
  try {
    return namesIn(join(projectDir, folder)).map(name => posix.join(folder, name))
  } catch {
    return []
  }
}

const isThere = (projectDir: string, path: string): boolean => {
  try {
    return lstat(projectDir, path) !== undefined
  } catch {
    return false
  }
}
