/** Boots the VMs of a cluster, and runs the steps that make it ready for use. */
import { readFileSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type * as v from 'valibot'
import { describeSpec } from '../src/cluster/describe-spec.ts'
import type { ClusterDescription } from '../src/cluster/render/describe-cluster.ts'
import { type ClusterSpec, withRole } from '../src/cluster/spec.ts'
import { chooseDriver, driverNeeds } from '../src/drivers/choose-driver.ts'
import type { Layer } from '../src/drivers/driver.ts'
import { defineTaskType, type TaskContext } from '../src/engine/workflow/task-type.ts'
import { summarize } from '../src/ha/record/step-figures.ts'
import { Journal } from '../src/ha/scenario/journal.ts'
import { runSteps } from '../src/ha/scenario/run-steps.ts'
import { validateSteps } from '../src/ha/scenario/validate-steps.ts'
import { type Booted, bootAll, bootOrReuse, type Wanted } from '../src/lifecycle/boot-cluster.ts'
import { keptDescription } from '../src/lifecycle/cluster-description.ts'
import { clustersDirOf } from '../src/lifecycle/clusters-dir.ts'
import { retireCluster } from '../src/lifecycle/retire-cluster.ts'
import { monotonicMs } from '../src/platform/clock.ts'
import { usage } from '../src/platform/failure.ts'
import { fail, ok, type Result } from '../src/platform/result.ts'
import { materialize } from '../src/sandbox/layers.ts'
import { startWith } from './cluster/start-with.ts'

type Context = TaskContext<v.InferOutput<typeof startWith>>

export default defineTaskType({
  name: 'start-cluster',
  description: 'boots the VMs of a cluster and waits until it is ready',
  schema: startWith,
  // For root archives, which become folders.
  hostTools: ['tar', 'zstd'],
  requiresRoot: true,
  needsWith: driverNeeds,

  async run(context) {
    const driver = chooseDriver(context.settings)
    if (!driver.ok) return driver
    const usable = await driver.value.preflight()
    if (!usable.ok) return usable
    const description = readWanted(context)
    const spec = specFor(context, description)
    if (!spec.ok) return spec
    const meant = validateSteps(spec.value, context.with.steps ?? [])
    if (!meant.ok) return meant
    const layers = await prepareLayers(context)
    if (!layers.ok) return layers
    const { cluster: name, spec: descriptionFile } = context.with
    const stateDir = join(clustersDirOf(context.projectDir), name)
    const overlay = context.with.layers.indexOf(descriptionFile.replace(/\.json$/, '.tar'))
    const started = await startCluster(context, {
      ...{ driver: driver.value, name, stateDir, description, spec: spec.value, layers: layers.value },
      descriptionFile: resolve(context.projectDir, descriptionFile),
      base: layers.value.filter((_, index) => index !== overlay),
    })
    // Nothing cleans up after a cluster that was to stay.
    if (!started.ok && context.with.stays) await retireCluster(driver.value, stateDir, context.logDir)
    return started
  },
})

async function startCluster(context: Context, wanted: Wanted): Promise<Result<string>> {
  const booted = await bootOrReuse(wanted, context)
  if (!booted.ok) return booted
  const ready = await makeReady(context, booted.value)
  if (ready.ok || !booted.value.isReused || context.signal.aborted) return ready
  context.log(`the kept cluster is not well (${ready.failure.message}): all VMs boot anew`)
  const fresh = await bootAll(wanted, 'in place of a kept one that was not well', context)
  return fresh.ok ? makeReady(context, fresh.value) : fresh
}

/** Resolves to the note for the summary. */
async function makeReady(context: Context, { cluster, note }: Booted): Promise<Result<string>> {
  const { steps, stays } = context.with
  const journal = new Journal({
    originMs: monotonicMs(),
    log: line => context.log(line),
    tell: ({ kind, data }) => context.event(kind, data),
  })
  const ready = await runSteps(steps ?? [], { cluster, signal: context.signal, journal, seed: 0 })
  if (!ready.ok) return ready
  if (stays) cluster.keep()
  const defect = keptDescription(cluster.stateDir)?.defect
  const planted = defect === undefined ? '' : `DEFECT PLANTED: ${defect}`
  return ok([describeSpec(cluster.spec), summarize(journal.steps), note, planted].filter(Boolean).join(' · '))
}

const readWanted = ({ projectDir, with: { spec: file } }: Context): ClusterDescription =>
  JSON.parse(readFileSync(resolve(projectDir, file), 'utf8'))

function specFor({ with: { roles } }: Context, { spec }: ClusterDescription): Result<ClusterSpec> {
  const vms = roles ? withRole(spec, ...roles) : spec.vms
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
