/** The digest of the code of each task type: the build's, or computed from the sources. */
import { join } from 'node:path'
import type { Project } from '../project.ts'
import { digestSources } from './code-digest.ts'

export function taskCode(project: Project): (taskType: string) => string {
  const known = new Map(Object.entries(project.codeDigests ?? {}))
  return taskType => {
    const digest = known.get(taskType)
    if (digest !== undefined) return digest
    if (project.taskSourceDir === undefined) throw new Error(`No code digest for task type ${taskType}`)
    const computed = digestSources(join(project.taskSourceDir, `${taskType}.ts`))
    known.set(taskType, computed)
    return computed
  }
}
