/** The VMs of a cluster, booted: all of them, or with --keep those that a kept cluster does not have as wanted. */
import type { ClusterDescription } from '../cluster/render/describe-cluster.ts'
import type { ClusterSpec } from '../cluster/spec.ts'
import type { Cluster, Driver, Layer } from '../drivers/driver.ts'
import { keepClientKeys } from '../ha/ask/client-keys.ts'
import { healAll } from '../ha/faults/heal-all.ts'
import { ok, type Result } from '../platform/result.ts'
import { keepDescription } from './cluster-description.ts'
import { findWarm, keepBase, shortList, type Warmth } from './warm-cluster.ts'

export interface Wanted {
  readonly driver: Driver
  readonly name: string
  readonly stateDir: string
  readonly spec: ClusterSpec
  readonly description: ClusterDescription
  /** The JSON that the description was read from. */
  readonly descriptionFile: string
  readonly layers: readonly Layer[]
  /** `layers` without the overlay, whose files the description lists one by one. */
  readonly base: readonly Layer[]
}

export interface Booted {
  readonly cluster: Cluster
  /** For the summary: what was there before, and what became of it. */
  readonly note: string
  readonly isReused: boolean
}

/** What booting needs of the task that wants it. */
export interface Around {
  readonly log: (text: string) => void
  readonly signal: AbortSignal
  readonly settings: ReadonlyMap<string, string>
}
type Reuse = Extract<Warmth, { readonly kind: 'reuse' }>

export async function bootOrReuse(wanted: Wanted, around: Around): Promise<Result<Booted>> {
  const keep = around.settings.get('keep') === 'true'
  const warmth = await findWarm(wanted)
  if (warmth.kind === 'reuse' && keep) return reuse(wanted, warmth, around)
  const because = keep && warmth.kind === 'replace' ? `: ${warmth.because}` : ''
  return bootAll(wanted, warmth.kind === 'none' ? '' : `in place of the former "${wanted.name}"${because}`, around)
}

export async function bootAll(wanted: Wanted, note: string, { log, signal }: Around): Promise<Result<Booted>> {
  const { driver, name, spec, stateDir, layers } = wanted
  const removed = await driver.remove(stateDir)
  if (!removed.ok) return removed
  log(`booting ${spec.vms.length} VMs${note === '' ? '' : ` ${note}`}`)
  const created = await driver.create({ name, spec, layers, stateDir }, signal)
  if (!created.ok) return created
  log(`${spec.vms.length} VMs booted: ${spec.vms.map(vm => vm.name).join(', ')}`)
  remember(wanted)
  return ok({ cluster: created.value, note, isReused: false })
}

/** Whatever an earlier scenario left stopped, off or cut off is mended first. */
async function reuse(wanted: Wanted, { cluster, changed }: Reuse, { log, signal }: Around): Promise<Result<Booted>> {
  cluster.adopt()
  const healed = await healAll({ cluster, vms: cluster.vms, signal, open: [] })
  if (!healed.ok) return healed
  if (changed.size > 0) {
    const placed = await cluster.replaceLayers(wanted.layers)
    if (!placed.ok) return placed
  }
  for (const [name, files] of changed) log(`${name}: ${shortList(files)} changed, boots anew`)
  log(`${cluster.vms.length - changed.size} of ${cluster.vms.length} VMs are as wanted, and go on`)
  const stale = cluster.vms.filter(vm => changed.has(vm.spec.name))
  const broken = (await Promise.all(stale.map(vm => vm.renew(signal)))).find(one => !one.ok)
  if (broken && !broken.ok) return broken
  remember(wanted)
  const what = [...changed].map(([name, files]) => `${name} (${shortList(files)})`).join(', ')
  return ok({ cluster, note: what === '' ? 'still running' : `still running, booted anew: ${what}`, isReused: true })
}

function remember({ stateDir, descriptionFile, description, layers, base }: Wanted): void {
  keepDescription(stateDir, descriptionFile)
  const [overlay] = layers
  if (overlay !== undefined) keepClientKeys(stateDir, overlay.folder, description.clientFiles)
  keepBase(stateDir, base)
}
