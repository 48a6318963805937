/** Projects and caches of another user: their owner decides what runs there, and what a result is. */
import { join } from 'node:path'
import { environment, type Failure, usage } from '../../platform/failure.ts'
import { isOwnCheckout } from '../project-folder.ts'
import type { Trusting } from './distrust.ts'

/** Undefined: they are the user's own, or were trusted. Root's and those of the user who called sudo are no others'. */
export async function ownedByOthers(trusting: Trusting, cacheDir: string): Promise<Failure | undefined> {
  const { projectDir, environment: variables } = trusting
  if (variables.K8S_HA_TRUST === '1') return undefined
  const { filesOf, isOwn } = await import('./why-foreign.ts')
  const others = (paths: readonly string[]) => paths.find(path => !isOwn(path, variables))
  const inProject = isOwnCheckout(projectDir) ? undefined : others(filesOf(projectDir))
  const inCache = others([cacheDir, ...['records', 'blobs', 'manifests', 'layers'].map(part => join(cacheDir, part))])
  if (inProject === undefined && inCache === undefined) return undefined
  const { isTrusted } = await import('./trusted-projects.ts')
  if (isTrusted(trusting, undefined)) return undefined
  const because = `${inProject ?? inCache} belongs to another user`
  return inProject === undefined
    ? environment(`Cannot use the cache ${cacheDir}: ${because}; --cache-dir names another one`)
    : usage(`Cannot use the project ${projectDir}: ${because}; "k8s-ha trust ${projectDir}" allows it`)
}
