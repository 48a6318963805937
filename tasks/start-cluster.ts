/** Boots the VMs of a cluster, and runs the steps that make it ready for use. */
import { existsSync, readFileSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describeSpec } from '../src/cluster/describe-spec.ts'
import type { ClusterDescription } from '../src/cluster/render/describe-cluster.ts'
import { vmFolder } from '../src/cluster/render/vm-folder.ts'
import { type ClusterSpec, withRole } from '../src/cluster/spec.ts'
import { chooseDriver, driverNeeds } from '../src/drivers/choose-driver.ts'
import type { Layer } from '../src/drivers/driver.ts'
import { patienceOf } from '../src/drivers/patience.ts'
import { defineTaskType, type TaskContext } from '../src/engine/workflow/task-type.ts'
import { summarize } from '../src/ha/record/step-figures.ts'
import { Journal } from '../src/ha/scenario/journal.ts'
import { runSteps } from '../src/ha/scenario/run-steps.ts'
import { validateSteps } from '../src/ha/scenario/validate-steps.ts'
import { withLoggedErrors } from '../src/ha/scenario/with-logged-errors.ts'
import { type Booted, bootAll, bootOrReuse, type Wanted } from '../src/lifecycle/boot-cluster.ts'
import { keptDescription } from '../src/lifecycle/cluster-description.ts'
import { clustersDirOf } from '../src/lifecycle/clusters-dir.ts'
import { retireCluster } from '../src/lifecycle/retire-cluster.ts'
import { keepStart } from '../src/lifecycle/start-facts.ts'
import { forgetUnwell } from '../src/lifecycle/unwell-note.ts'
import { monotonicMs } from '../src/platform/clock.ts'
import { usage } from '../src/platform/failure.ts'
import { fail, ok, type Result } from '../src/platform/result.ts'
import { materialize } from '../src/sandbox/layers.ts'
import { cniProblems } from './cluster/cni-problems.ts'
import { type StartWith, startWith } from './cluster/start-with.ts'

type Context = TaskContext<StartWith>

export default defineTaskType({
  name: 'start-cluster',
  description: 'boots the VMs of a cluster and waits until it is ready',
  schema: startWith,
  // For root archives, which become folders.
  hostTools: ['tar', 'zstd'],
  requiresRoot: true,
  needsWith: driverNeeds,
  check: cniProblems,

  async run(context) {
    const driver = chooseDriver(context.settings)
    if (!driver.ok) return driver
    const usable = await driver.value.preflight()
    if (!usable.ok) return usable
    const overlay = readOverlay(context)
    if (!overlay.ok) return overlay
    const { description } = overlay.value
    const spec = specFor(context, description)
    if (!spec.ok) return spec
    const meant = validateSteps(spec.value, context.with.steps ?? [])
    if (!meant.ok) return meant
    const top = await prepareLayer(context, overlay.value.tar)
    if (!top.ok) return top
    const base = await prepareLayers(context)
    if (!base.ok) return base
    const { cluster: name } = context.with
    const stateDir = join(clustersDirOf(context.projectDir), name)
    const started = await startCluster(context, {
      ...{ driver: driver.value, name, stateDir, description, spec: spec.value },
      descriptionFile: overlay.value.descriptionFile,
      layers: [{ ...top.value, own: foldersOfVms(description) }, ...base.value],
      base: base.value,
    })
    if (started.ok || !context.with.stays) return started
    // Nothing cleans up after a cluster that was to stay, but one that is to be looked at does.
    if (context.settings.get('keep-on-failure') === 'true') (await driver.value.find(stateDir))?.keep()
    else await retireCluster(driver.value, stateDir, context.logDir)
    return started
  },
})

/** What the overlay has for one VM alone. */
const foldersOfVms = ({ spec }: ClusterDescription): NonNullable<Layer['own']> =>
  Object.fromEntries(spec.vms.map(vm => [vmFolder(vm), vm.name]))

async function startCluster(context: Context, wanted: Wanted): Promise<Result<string>> {
  const patience = patienceOf(context.settings)
  if (patience !== 1)
    context.log(`patience ${patience}: the cluster may take ${patience} times as long as usual to become ready`)
  const booted = await bootOrReuse(wanted, context)
  if (!booted.ok) return booted
  const { name, spec, descriptionFile, layers, base, stateDir } = wanted
  const { steps = [], stays } = context.with
  const facts = { name, spec, descriptionFile, layers, base, steps, stays }
  keepStart(stateDir, facts)
  const ready = await makeReady(context, booted.value)
  if (ready.ok || !booted.value.isReused || context.signal.aborted) return ready
  context.log(`the kept cluster is not well (${ready.failure.message}): all VMs boot anew`)
  const fresh = await bootAll(wanted, 'in place of a kept one that was not well', context)
  if (!fresh.ok) return fresh
  keepStart(stateDir, facts)
  return makeReady(context, fresh.value)
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
  if (!ready.ok) return context.signal.aborted ? ready : fail(await withLoggedErrors(ready.failure, cluster, journal))
  forgetUnwell(cluster.stateDir)
  if (stays) cluster.keep()
  const defect = keptDescription(cluster.stateDir)?.defect
  const planted = defect === undefined ? '' : `DEFECT PLANTED: ${defect}`
  return ok([describeSpec(cluster.spec), summarize(journal.steps), note, planted].filter(Boolean).join(' · '))
}

interface Overlay {
  readonly tar: string
  readonly descriptionFile: string
  readonly description: ClusterDescription
}

function readOverlay({ task, needs, with: { overlay } }: Context): Result<Overlay> {
  const [tar, descriptionFile] = needs.get(overlay) ?? []
  if (tar === undefined || descriptionFile === undefined)
    return fail(usage(`Task "${task}" wants the overlay of "${overlay}", which makes none or is not among its needs`))
  return ok({ tar, descriptionFile, description: JSON.parse(readFileSync(descriptionFile, 'utf8')) })
}

function specFor({ with: { roles } }: Context, { spec }: ClusterDescription): Result<ClusterSpec> {
  const vms = roles ? withRole(spec, ...roles) : spec.vms
  if (vms.length > 0) return ok({ ...spec, vms })
  return fail(usage(`Cannot start a cluster without VMs: none has a role of ${roles?.join(', ') ?? 'any kind'}`))
}

async function prepareLayers(context: Context): Promise<Result<Layer[]>> {
  const { task, projectDir, needs, with: options } = context
  const prepared: Layer[] = []
  for (const layer of options.layers) {
    const path = needs.get(layer)?.[0] ?? resolve(projectDir, layer)
    if (!existsSync(path))
      return fail(usage(`Task "${task}" wants the layer "${layer}", which is neither a need with an output nor a path`))
    const ready = await prepareLayer(context, path)
    if (!ready.ok) return ready
    prepared.push(ready.value)
  }
  return ok(prepared)
}

async function prepareLayer({ cacheDir, signal }: Context, path: string): Promise<Result<Layer>> {
  if (statSync(path).isDirectory()) return ok({ folder: path, mayChange: true })
  const folder = await materialize(path, cacheDir, signal)
  return folder.ok ? ok({ folder: folder.value, mayChange: false }) : folder
}
