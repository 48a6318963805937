/** Boots the VMs of a cluster, and runs the steps that make it ready for use. */
import { existsSync, readFileSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type * as v from 'valibot'
import { describeSpec } from '../src/cluster/describe-spec.ts'
import type { ClusterSpec } from '../src/cluster/spec.ts'
import { chooseDriver } from '../src/drivers/choose-driver.ts'
import { clustersDirOf } from '../src/drivers/clusters-dir.ts'
import type { Driver, Layer } from '../src/drivers/driver.ts'
import { defineTaskType, type TaskContext } from '../src/engine/task-type.ts'
import { Journal } from '../src/ha/journal.ts'
import { runSteps, summarize } from '../src/ha/run-steps.ts'
import { validateSteps } from '../src/ha/validate-steps.ts'
import { monotonicMs } from '../src/platform/clock.ts'
import { usage } from '../src/platform/failure.ts'
import { fail, ok, type Result } from '../src/platform/result.ts'
import { materialize } from '../src/sandbox/layers.ts'
import { keepDescription, readDescription } from './support/cluster-description.ts'
import { retireCluster } from './support/retire-cluster.ts'
import { startWith } from './support/start-with.ts'

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
    const spec = readSpec(context)
    if (!spec.ok) return spec
    const meant = validateSteps(spec.value, context.with.steps)
    if (!meant.ok) return meant
    const stateDir = join(clustersDirOf(context.projectDir), context.with.cluster)
    const started = await startCluster(context, { driver: driver.value, spec: spec.value, stateDir })
    // Nothing cleans up after a cluster that was to stay.
    if (!started.ok && context.with.stays) await retireCluster(driver.value, stateDir, context.logDir)
    return started
  },
})

interface Plan {
  readonly driver: Driver
  readonly spec: ClusterSpec
  readonly stateDir: string
}

async function startCluster(context: Context, { driver, spec, stateDir }: Plan): Promise<Result<string>> {
  const { cluster: name, steps, stays } = context.with
  const layers = await prepareLayers(context)
  if (!layers.ok) return layers
  const replaced = existsSync(stateDir)
  const removed = await driver.remove(stateDir)
  if (!removed.ok) return removed
  context.log(`booting ${spec.vms.length} VMs`)
  const created = await driver.create({ name, spec, layers: layers.value, stateDir }, context.signal)
  if (!created.ok) return created
  keepDescription(stateDir, resolve(context.projectDir, context.with.spec))
  context.log(`${created.value.vms.length} VMs booted: ${created.value.vms.map(vm => vm.spec.name).join(', ')}`)
  const journal = new Journal(monotonicMs(), line => context.log(line))
  const ready = await runSteps(steps, { cluster: created.value, signal: context.signal, journal, seed: 0 })
  if (!ready.ok) return ready
  if (stays) created.value.keep()
  const described = readDescription(stateDir)
  const defect = described.ok ? described.value.defect : undefined
  const notes = [
    describeSpec(spec),
    summarize(journal.steps),
    replaced ? `in place of the former "${name}"` : '',
    defect === undefined ? '' : `DEFECT PLANTED: ${defect}`,
  ]
  return ok(notes.filter(Boolean).join(' · '))
}

function readSpec({ projectDir, with: { spec: file, roles } }: Context): Result<ClusterSpec> {
  const { spec } = JSON.parse(readFileSync(resolve(projectDir, file), 'utf8')) as { readonly spec: ClusterSpec }
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
