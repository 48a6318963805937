/** Boots the VMs of a cluster, and runs the steps that make it ready for use. */
import { mkdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import * as v from 'valibot'
import { describeSpec } from '../src/cluster/describe-spec.ts'
import type { ClusterSpec } from '../src/cluster/spec.ts'
import { chooseDriver } from '../src/drivers/choose-driver.ts'
import { clustersDirOf } from '../src/drivers/clusters-dir.ts'
import { defineTaskType, type TaskContext } from '../src/engine/task-type.ts'
import { runScenario, summarize } from '../src/ha/scenario.ts'
import { stepsSchema } from '../src/ha/steps.ts'
import { validateSteps } from '../src/ha/validate-steps.ts'
import { usage } from '../src/platform/failure.ts'
import { runChecked } from '../src/platform/process.ts'
import { fail, ok, type Result } from '../src/platform/result.ts'
import { materialize } from '../src/sandbox/layers.ts'
import { retireCluster } from './support/retire-cluster.ts'

const schema = v.strictObject({
  /** Names the cluster for the tasks that use it, and on the command line. */
  cluster: v.pipe(v.string(), v.regex(/^[a-z0-9][a-z0-9-]*$/, 'lower-case letters, digits and hyphens')),
  /** The file with the cluster as data, from make-overlay. */
  spec: v.string(),
  /** Root archives and folders that are stacked to the VMs' root, the topmost first. */
  layers: v.pipe(v.array(v.string()), v.minLength(1)),
  /** Boots only the VMs that have one of these roles. */
  roles: v.optional(v.array(v.string())),
  /** What must hold before others use the cluster, and what makes it so. */
  steps: v.optional(stepsSchema),
  /** The cluster outlives the run. Otherwise a clean-up task removes it. */
  stays: v.optional(v.boolean(), false),
})
type With = v.InferOutput<typeof schema>

export default defineTaskType<With>({
  name: 'start-cluster',
  description: 'boots the VMs of a cluster and waits until it is ready',
  schema,
  hostTools: ['ip', 'nft', 'nsenter', 'unshare', 'tar', 'zstd'],
  requiresRoot: true,

  async run(context) {
    const driver = chooseDriver(context.settings)
    if (!driver.ok) return driver
    const usable = await driver.value.preflight()
    if (!usable.ok) return usable
    const clustersDir = clustersDirOf(context.projectDir)
    const swept = await driver.value.sweep(clustersDir)
    if (!swept.ok) return swept
    for (const name of swept.value) context.log(`removed cluster "${name}", which a run that is gone had left`)

    const spec = readSpec(context)
    if (!spec.ok) return spec
    const steps = context.with.steps ?? []
    const meant = validateSteps(spec.value, steps)
    if (!meant.ok) return meant
    const name = context.with.cluster
    const stateDir = join(clustersDir, name)
    const removed = await driver.value.remove(stateDir)
    if (!removed.ok) return removed
    const layers = await prepareLayers(context, join(stateDir, 'folders'))
    if (!layers.ok) return layers
    context.progress(`booting ${spec.value.vms.length} VMs`)
    const created = await driver.value.create(
      { name, spec: spec.value, layers: layers.value, stateDir },
      context.signal,
    )
    if (!created.ok) return created
    context.log(`${created.value.vms.length} VMs booted: ${created.value.vms.map(vm => vm.spec.name).join(', ')}`)
    const ready = await runScenario({
      cluster: created.value,
      steps,
      signal: context.signal,
      log: line => context.log(line),
    })
    if (ready.ok && context.with.stays) created.value.keep()
    if (ready.ok) return ok([describeSpec(spec.value), summarize(ready.value)].filter(Boolean).join(' · '))
    if (context.with.stays) await retireCluster(driver.value, stateDir, context.logDir)
    return ready
  },
})

function readSpec({ projectDir, with: { spec: file, roles } }: TaskContext<With>): Result<ClusterSpec> {
  const { spec } = JSON.parse(readFileSync(resolve(projectDir, file), 'utf8')) as { readonly spec: ClusterSpec }
  const vms = roles ? spec.vms.filter(vm => vm.roles.some(role => roles.includes(role))) : spec.vms
  if (vms.length > 0) return ok({ ...spec, vms })
  return fail(usage(`Cannot start a cluster without VMs: none has a role of ${roles?.join(', ') ?? 'any kind'}`))
}

/** Layers must not change while VMs run on them, and a folder that a task owns may be made again at any time. */
async function prepareLayers(
  { projectDir, cacheDir, with: { layers } }: TaskContext<With>,
  snapshots: string,
): Promise<Result<string[]>> {
  const folders: string[] = []
  for (const layer of layers) {
    const path = resolve(projectDir, layer)
    const folder = statSync(path).isDirectory()
      ? await snapshot(path, join(snapshots, String(folders.length)))
      : await materialize(path, cacheDir)
    if (!folder.ok) return folder
    folders.push(folder.value)
  }
  return ok(folders)
}

/** Hard links: files of a task's outputs are replaced, never written to. */
async function snapshot(folder: string, to: string): Promise<Result<string>> {
  mkdirSync(dirname(to), { recursive: true })
  const copied = await runChecked(['cp', '--archive', '--link', '--', folder, to])
  return copied.ok ? ok(to) : copied
}
