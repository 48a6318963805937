/** Boots the VMs of a cluster, and runs the steps that make it ready for use. */
import { readFileSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type * as v from 'valibot'
import { describeSpec } from '../src/cluster/describe-spec.ts'
import type { ClusterDescription } from '../src/cluster/render/describe-cluster.ts'
import type { ClusterSpec } from '../src/cluster/spec.ts'
import { chooseDriver } from '../src/drivers/choose-driver.ts'
import { clustersDirOf } from '../src/drivers/clusters-dir.ts'
import type { Cluster, Driver, Layer } from '../src/drivers/driver.ts'
import { defineTaskType, type TaskContext } from '../src/engine/task-type.ts'
import { healAll } from '../src/ha/heal-all.ts'
import { Journal } from '../src/ha/journal.ts'
import { runSteps, summarize } from '../src/ha/run-steps.ts'
import { validateSteps } from '../src/ha/validate-steps.ts'
import { monotonicMs } from '../src/platform/clock.ts'
import { usage } from '../src/platform/failure.ts'
import { fail, ok, type Result } from '../src/platform/result.ts'
import { materialize } from '../src/sandbox/layers.ts'
import { keepDescription, keptDescription } from './support/cluster-description.ts'
import { retireCluster } from './support/retire-cluster.ts'
import { startWith } from './support/start-with.ts'
import { findWarm, keepBase, shortList, type Warmth } from './support/warm-cluster.ts'

type Context = TaskContext<v.InferOutput<typeof startWith>>

export default defineTaskType({
  name: 'start-cluster',
  description: 'boots the VMs of a cluster and waits until it is ready',
  schema: startWith,
  hostTools: ['ip', 'nft', 'nsenter', 'unshare', 'tar', 'zstd'],
  requiresRoot: true,

  async run(context) {
    const driver = chooseDriver(context.settings)
    if (!driver.ok) return driver
    const usable = await driver.value.preflight()
    if (!usable.ok) return usable
    const description = readWanted(context)
    const spec = specFor(context, description)
    if (!spec.ok) return spec
    const meant = validateSteps(spec.value, context.with.steps)
    if (!meant.ok) return meant
    const stateDir = join(clustersDirOf(context.projectDir), context.with.cluster)
    const started = await startCluster(context, { driver: driver.value, description, spec: spec.value, stateDir })
    // Nothing cleans up after a cluster that was to stay.
    if (!started.ok && context.with.stays) await retireCluster(driver.value, stateDir, context.logDir)
    return started
  },
})

interface Plan {
  readonly driver: Driver
  readonly description: ClusterDescription
  readonly spec: ClusterSpec
  readonly stateDir: string
}

async function startCluster(context: Context, plan: Plan): Promise<Result<string>> {
  const { stays, steps } = context.with
  const layers = await prepareLayers(context)
  if (!layers.ok) return layers
  const booted = await bootOrReuse(context, plan, layers.value)
  if (!booted.ok) return booted
  const { cluster, note } = booted.value
  const journal = new Journal(monotonicMs(), line => context.log(line))
  const ready = await runSteps(steps, { cluster, signal: context.signal, journal, seed: 0 })
  if (!ready.ok) return ready
  if (stays) cluster.keep()
  const defect = keptDescription(plan.stateDir)?.defect
  const planted = defect === undefined ? '' : `DEFECT PLANTED: ${defect}`
  return ok([describeSpec(plan.spec), summarize(journal.steps), note, planted].filter(Boolean).join(' · '))
}

interface Booted {
  readonly cluster: Cluster
  readonly note: string
}

/** With --keep a cluster that an earlier run kept is used again, as far as it is what is wanted. */
async function bootOrReuse(context: Context, plan: Plan, layers: readonly Layer[]): Promise<Result<Booted>> {
  const { driver, spec, stateDir, description } = plan
  const overlay = context.with.layers.indexOf(context.with.spec.replace(/\.json$/, '.tar'))
  const base = layers.filter((_, index) => index !== overlay)
  const warmth = await findWarm({ driver, stateDir, spec, description, base })
  const keep = context.settings.get('keep') === 'true'
  const booted =
    warmth.kind === 'reuse' && keep
      ? await refresh(context, layers, warmth)
      : await bootAll(context, plan, layers, replacing(context.with.cluster, warmth, keep))
  if (!booted.ok) return booted
  keepDescription(stateDir, resolve(context.projectDir, context.with.spec))
  keepBase(stateDir, base)
  return booted
}

function replacing(name: string, warmth: Warmth, keep: boolean): string {
  if (warmth.kind === 'none') return ''
  return `in place of the former "${name}"${keep && warmth.kind === 'replace' ? `: ${warmth.because}` : ''}`
}

async function bootAll(
  { log, signal, with: { cluster: name } }: Context,
  { driver, spec, stateDir }: Plan,
  layers: readonly Layer[],
  note: string,
): Promise<Result<Booted>> {
  const removed = await driver.remove(stateDir)
  if (!removed.ok) return removed
  log(`booting ${spec.vms.length} VMs${note === '' ? '' : ` ${note}`}`)
  const created = await driver.create({ name, spec, layers, stateDir }, signal)
  if (!created.ok) return created
  log(`${created.value.vms.length} VMs booted: ${created.value.vms.map(vm => vm.spec.name).join(', ')}`)
  return ok({ cluster: created.value, note })
}

type Reuse = Extract<Warmth, { readonly kind: 'reuse' }>

async function refresh(
  { log, signal }: Context,
  layers: readonly Layer[],
  { cluster, changed }: Reuse,
): Promise<Result<Booted>> {
  cluster.adopt()
  const healed = await healAll({ cluster, signal, open: [] })
  if (!healed.ok) return healed
  const untouched = cluster.vms.length - changed.size
  if (changed.size > 0) {
    const placed = await cluster.replaceLayers(layers)
    if (!placed.ok) return placed
  }
  for (const [name, files] of changed) log(`${name}: ${shortList(files)} changed, boots anew`)
  log(`${untouched} of ${cluster.vms.length} VMs are what is wanted, and go on`)
  const renewed = await Promise.all(cluster.vms.flatMap(vm => (changed.has(vm.spec.name) ? [vm.renew(signal)] : [])))
  const broken = renewed.find(one => !one.ok)
  if (broken && !broken.ok) return broken
  const what = [...changed].map(([name, files]) => `${name} (${shortList(files)})`).join(', ')
  const note = changed.size === 0 ? 'still running, nothing booted' : `still running but for ${what}`
  return ok({ cluster, note })
}

const readWanted = ({ projectDir, with: { spec: file } }: Context): ClusterDescription =>
  JSON.parse(readFileSync(resolve(projectDir, file), 'utf8'))

function specFor({ with: { roles } }: Context, { spec }: ClusterDescription): Result<ClusterSpec> {
  const vms = roles ? spec.vms.filter(vm => vm.roles.some(role => roles.includes(role))) : spec.vms
  if (vms.length > 0) return ok({ ...spec, vms })
  return fail(usage(`Cannot start a cluster without VMs: none has a role of ${roles?.join(', ') ?? 'any kind'}`))
}

async function prepareLayers({ projectDir, cacheDir, with: { layers }, signal }: Context): Promise<Result<Layer[]>> {
  const prepared: Layer[] = []
  for (const layer of layers) {
    const path = resolve(projectDir, layer)
    if (statSync(path).isDirectory()) {
      prepared.push({ folder: path, mayChange: true })
      continue
    }
    const folder = await materialize(path, cacheDir, signal)
    if (!folder.ok) return folder
    prepared.push({ folder: folder.value, mayChange: false })
  }
  return ok(prepared)
}
