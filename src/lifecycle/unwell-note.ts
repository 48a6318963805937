/** What a scenario left wrong in its cluster, kept beside the cluster's state for the scenarios after it. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ifThere } from '../platform/files.ts'

export interface UnwellNote {
  /** The scenario after which the cluster was not well; undefined: it is well now. */
  readonly since?: string
  /** What was wrong, in words. */
  readonly problems: readonly string[]
  /** All VMs were booted anew for such a reason. */
  readonly bootedAnew: boolean
  /** Nothing helped: no further scenario is judged on it. */
  readonly givenUp: boolean
}

const fileIn = (stateDir: string): string => join(stateDir, 'unwell.json')

const wellSoFar: UnwellNote = { problems: [], bootedAnew: false, givenUp: false }

export function readUnwellNote(stateDir: string): UnwellNote {
  const text = ifThere(() => readFileSync(fileIn(stateDir), 'utf8'))
  return text === undefined ? wellSoFar : JSON.parse(text)
}

/** Nothing is noted of a cluster that is gone. */
export function writeUnwellNote(stateDir: string, note: UnwellNote): void {
  if (existsSync(stateDir)) writeFileSync(fileIn(stateDir), `${JSON.stringify(note)}\n`)
}

/** Of a cluster that was just seen to be well, at the beginning of a run. */
export const forgetUnwell = (stateDir: string): void => writeUnwellNote(stateDir, wellSoFar)
