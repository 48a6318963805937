/** Where things lie in the cache folder; docs/cache.md describes the same. */
import { realpathSync } from 'node:fs'
import { join } from 'node:path'
import { digestOf } from '../../platform/digest.ts'

/** What is known about one project: kept workflows, the state of its outputs, the index of its files. */
export function projectStateDir(project: { readonly projectDir: string; readonly cacheDir: string }): string {
  return join(project.cacheDir, 'projects', digestOf(realpathSync(project.projectDir)).slice(0, 16))
}

/** Of TMPDIRs; with a `/` at its end. `stateDir`: the project's. */
export const tasksDir = (stateDir: string): string => `${join(stateDir, 'tasks')}/`

export const storeParts = ['blobs', 'manifests', 'records', 'projects', 'tmp'] as const
export const blobsDir = (cacheDir: string): string => join(cacheDir, 'blobs')
export const manifestsDir = (cacheDir: string): string => join(cacheDir, 'manifests')
export const recordsDir = (cacheDir: string): string => join(cacheDir, 'records')
export const temporaryDir = (cacheDir: string): string => join(cacheDir, 'tmp')
/** Where results are built when the cache folder is on another disk than the project: no glob ever matches it. */
export const stageDir = (projectDir: string): string => join(projectDir, 'cache', 'stage')
export const runsDir = (cacheDir: string): string => join(cacheDir, 'runs')
/** Held shared by each run that uses the store, exclusively by what removes from it. */
export const storeLockFile = (cacheDir: string): string => join(cacheDir, 'store.lock')
