/** What the driver writes down of a cluster, so that another run finds it: everything else is asked of the kernel. */
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { ClusterSpec } from '../cluster/spec.ts'
import type { ProcessIdentity } from '../platform/process-identity.ts'

export interface ClusterState {
  readonly name: string
  readonly spec: ClusterSpec
  /** The process that made it; once that is gone, the cluster is a remain, unless it was kept. */
  readonly owner: ProcessIdentity
  readonly kept: boolean
  /** The process whose namespaces are the cluster's; absent until it runs. */
  readonly holder?: ProcessIdentity
}

/** Names a cluster in the kernel: 12 hex digits, different for equal names in different projects. */
export const clusterIdOf = (stateDir: string): string =>
  createHash('sha256').update(stateDir).digest('hex').slice(0, 12)

const stateFile = (stateDir: string): string => join(stateDir, 'cluster.json')

/** Makes the state folder: it appears with the state in it, so that nobody takes it for a remain. */
export function createState(stateDir: string, state: ClusterState): void {
  mkdirSync(dirname(stateDir), { recursive: true })
  const fresh = mkdtempSync(`${stateDir}.new-`)
  writeState(fresh, state)
  renameSync(fresh, stateDir)
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
