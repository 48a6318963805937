/** A kept cluster of the same name, and what of it has to boot anew for it to be what the overlay says now. */
import { createHash } from 'node:crypto'
import { existsSync, globSync, lstatSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { type ClusterDescription, concerns } from '../cluster/render/describe-cluster.ts'
import type { ClusterSpec } from '../cluster/spec.ts'
import type { Cluster, Driver, Layer } from '../drivers/driver.ts'
import { ifThere } from '../platform/files.ts'
import { keptDescription } from './cluster-description.ts'

interface Wanted {
  readonly driver: Driver
  readonly stateDir: string
  readonly spec: ClusterSpec
  readonly description: ClusterDescription
  readonly base: readonly Layer[]
}

/** `reuse`: by VM name, the files that changed for it. `replace`: why nothing of the kept cluster can be used. */
export type Warmth =
  | { readonly kind: 'none' }
  | { readonly kind: 'replace'; readonly because: string }
  | { readonly kind: 'reuse'; readonly cluster: Cluster; readonly changed: ReadonlyMap<string, readonly string[]> }

export async function findWarm({ driver, stateDir, spec, description, base }: Wanted): Promise<Warmth> {
  if (!existsSync(stateDir)) return { kind: 'none' }
  const replace = (because: string): Warmth => ({ kind: 'replace', because })
  const cluster = await driver.find(stateDir)
  const former = keptDescription(stateDir)
  if (cluster === undefined || former === undefined) return replace('it does not run')
  if (cluster.spec.kubernetes !== spec.kubernetes) return replace('its Kubernetes is of another version')
  if (JSON.stringify(cluster.spec) !== JSON.stringify(spec)) return replace('its VMs or addresses are other ones')
  if (readBase(stateDir) !== baseDigest(base)) return replace('the image or the programs of all VMs changed')
  const changed = changedFiles(former, description, spec)
  if (changed.size === spec.vms.length)
    return replace(`every VM changed (${shortList([...changed.values()][0] ?? [])})`)
  return { kind: 'reuse', cluster, changed }
}

/** By VM name; VMs for which nothing changed are not in it. */
export function changedFiles(
  former: ClusterDescription,
  description: ClusterDescription,
  spec: ClusterSpec,
): ReadonlyMap<string, readonly string[]> {
  const paths = new Set([...Object.keys(former.files ?? {}), ...Object.keys(description.files)])
  const changed = [...paths].filter(path => former.files?.[path] !== description.files[path]).sort()
  const byVm = spec.vms.map(vm => [vm.name, changed.filter(path => concerns(path, vm, spec))] as const)
  return new Map(byVm.filter(([, files]) => files.length > 0))
}

export const shortList = (paths: readonly string[]): string => {
  const names = paths.map(path => basename(path))
  return names.length <= 3 ? names.join(', ') : `${names.slice(0, 3).join(', ')} and ${names.length - 3} more`
}

const baseFile = (stateDir: string): string => join(stateDir, 'base-digest')

export const keepBase = (stateDir: string, base: readonly Layer[]): void =>
  writeFileSync(baseFile(stateDir), baseDigest(base))

const readBase = (stateDir: string): string | undefined => ifThere(() => readFileSync(baseFile(stateDir), 'utf8'))

/** A layer that nobody changes is named by its content; the others by their files' sizes and times. */
function baseDigest(base: readonly Layer[]): string {
  const hash = createHash('sha256')
  for (const { folder, mayChange } of base) {
    hash.update(`${mayChange ? '' : folder}\n`)
    for (const file of mayChange ? globSync('**', { cwd: folder }).sort() : []) {
      const { size, mtimeMs, mode } = lstatSync(join(folder, file))
      hash.update(`${file} ${size} ${mtimeMs} ${mode}\n`)
    }
  }
  return hash.digest('hex')
}
