/** What a cluster was started from and with, kept beside its state, so that it can be booted anew. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ClusterSpec } from '../cluster/spec.ts'
import type { Layer } from '../drivers/driver.ts'
import type { Step } from '../ha/scenario/steps.ts'
import { ifThere } from '../platform/files.ts'

export interface StartFacts {
  readonly name: string
  readonly spec: ClusterSpec
  readonly descriptionFile: string
  readonly layers: readonly Layer[]
  readonly base: readonly Layer[]
  /** What makes it ready for use. */
  readonly steps: readonly Step[]
  /** It outlives the run that made it. */
  readonly stays: boolean
}

const fileIn = (stateDir: string): string => join(stateDir, 'start.json')

export const keepStart = (stateDir: string, facts: StartFacts): void =>
  writeFileSync(fileIn(stateDir), `${JSON.stringify(facts)}\n`)

/** Undefined for a cluster that an earlier version started. */
export function keptStart(stateDir: string): StartFacts | undefined {
  const text = ifThere(() => readFileSync(fileIn(stateDir), 'utf8'))
  return text === undefined ? undefined : JSON.parse(text)
}
