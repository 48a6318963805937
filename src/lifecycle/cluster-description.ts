/** The description that a running cluster was made from, kept beside its state for those who judge it. */
import { copyFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ClusterDescription } from '../cluster/render/describe-cluster.ts'
import { failed, messageOf } from '../platform/failure.ts'
import { fail, ok, type Result } from '../platform/result.ts'

const fileIn = (stateDir: string): string => join(stateDir, 'description.json')

/** `file`: the JSON that make-overlay wrote. */
export const keepDescription = (stateDir: string, file: string): void => copyFileSync(file, fileIn(stateDir))

/** Undefined when there is none that this program understands. */
export function keptDescription(stateDir: string): ClusterDescription | undefined {
  const described = readDescription(stateDir)
  return described.ok ? described.value : undefined
}

export function readDescription(stateDir: string): Result<ClusterDescription> {
  try {
    return ok(JSON.parse(readFileSync(fileIn(stateDir), 'utf8')) as ClusterDescription)
  } catch (error) {
    const last = messageOf(error)
    return fail(failed(`Cannot read how the cluster was configured from "${fileIn(stateDir)}"`, { last }))
  }
}
