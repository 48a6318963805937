/** What a driver writes down of a cluster, so that another run finds it, and whose the cluster is. */
import { mkdirSync, mkdtempSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { ClusterSpec } from '../cluster/spec.ts'
import { digestOf } from '../platform/digest.ts'
import { entriesOf } from '../platform/folder-entries.ts'
import { identify, isAlive, type ProcessIdentity } from '../platform/processes/process-identity.ts'
import type { ClusterPlan } from './driver.ts'

export interface ClusterState {
  readonly name: string
  readonly spec: ClusterSpec
  /** The process that made it; once that is gone, the cluster is a remain, unless it was kept. */
  readonly owner: ProcessIdentity
  readonly kept: boolean
  /** The process whose end is the cluster's, if the driver has one; absent until it runs. */
  readonly holder?: ProcessIdentity
}

/** Names a cluster on this machine: 12 hex digits, different for equal names in different projects. */
export const clusterIdOf = (stateDir: string): string => digestOf(stateDir).slice(0, 12)

const stateFile = (stateDir: string): string => join(stateDir, 'cluster.json')

/** Makes the state folder of a cluster that is this process's: it appears with the state in it, never as a remain. */
export function createState({ stateDir, name, spec }: ClusterPlan): ClusterState {
  const state = { name, spec, owner: thisProcess(), kept: false }
  mkdirSync(dirname(stateDir), { recursive: true })
  const fresh = mkdtempSync(`${stateDir}.new-`)
  writeState(fresh, state)
  renameSync(fresh, stateDir)
  return state
}

export function writeState(stateDir: string, state: ClusterState): void {
  writeFileSync(`${stateFile(stateDir)}.new`, `${JSON.stringify(state, undefined, 2)}\n`)
  renameSync(`${stateFile(stateDir)}.new`, stateFile(stateDir))
}

/** Undefined when there is none, or none that can be read: then it is a remain. */
export function readState(stateDir: string): ClusterState | undefined {
  try {
    return JSON.parse(readFileSync(stateFile(stateDir), 'utf8')) as ClusterState
  } catch {
    return undefined
  }
}

/** From now on the cluster is this process's. */
export function adoptState(stateDir: string): void {
  const state = readState(stateDir)
  if (state === undefined) throw new Error(`${stateDir} has no state to take over`)
  writeState(stateDir, { ...state, owner: thisProcess(), kept: false })
}

/** Lets it outlive its owner; false when that is another process. */
export function keepState(stateDir: string): boolean {
  const state = readState(stateDir)
  if (state === undefined || state.owner.pid !== process.pid) return false
  writeState(stateDir, { ...state, kept: true })
  return true
}

/** The process that runs with it, and would miss it. */
export function userOf(stateDir: string): number | undefined {
  const state = readState(stateDir)
  return state && !state.kept && isAlive(state.owner) ? state.owner.pid : undefined
}

/** Clusters below that folder whose owners are gone, and which were not kept. */
export function remainsIn(clustersDir: string): readonly string[] {
  return entriesOf(clustersDir).filter(name => {
    const state = readState(join(clustersDir, name))
    return state === undefined || !(state.kept || isAlive(state.owner))
  })
}

function thisProcess(): ProcessIdentity {
  const identity = identify(process.pid)
  if (identity === undefined) throw new Error('A process cannot find itself in /proc')
  return identity
}
