/** Finds the clusters of a project, for the commands that look after them. */
import { join } from 'node:path'
import { chooseDriver } from '../drivers/choose-driver.ts'
import type { Cluster, Driver, Vm } from '../drivers/driver.ts'
import { readDescription } from '../lifecycle/cluster-description.ts'
import { clustersDirOf } from '../lifecycle/clusters-dir.ts'
import { usage } from '../platform/failure.ts'
import { entriesOf } from '../platform/folder-entries.ts'
import { fail, ok, type Result } from '../platform/result.ts'
import { didYouMean } from '../text/did-you-mean.ts'
import type { Invocation, OptionSpec } from './command.ts'
import { openProject } from './open-project.ts'
import { settingValues } from './settings.ts'

export interface Clusters {
  readonly driver: Driver
  readonly folder: string
  /** Also those that are half made, or whose processes are gone. */
  readonly names: readonly string[]
}

export const clusterOption: OptionSpec = {
  flags: '--cluster <name>',
  description: 'which one, when several run',
  completes: 'cluster',
}

export async function openClusters(invocation: Invocation): Promise<Result<Clusters>> {
  const opened = await openProject(invocation)
  if (!opened.ok) return opened
  const driver = chooseDriver(settingValues(opened.value.settings))
  if (!driver.ok) return driver
  const folder = clustersDirOf(opened.value.project.projectDir)
  const names = entriesOf(folder)
  return ok({ driver: driver.value, folder, names })
}

interface ChosenCluster {
  readonly driver: Driver
  readonly name: string
  readonly stateDir: string
}

/** The one that --cluster names, or the only one there is; running or not. */
export async function chooseCluster(invocation: Invocation): Promise<Result<ChosenCluster>> {
  const clusters = await openClusters(invocation)
  if (!clusters.ok) return clusters
  const { driver, folder, names } = clusters.value
  const picked = pickName(names, invocation.options.text('cluster'))
  if (!picked.ok) return picked
  const { value: name } = picked
  const stateDir = join(folder, name)
  const defect = plantedDefect(stateDir)
  if (defect !== undefined)
    invocation.console.err(`warning: cluster "${name}" has a planted defect: ${defect} (see docs/defects.md)\n`)
  return ok({ driver, name, stateDir })
}

/** The same, which must be running. */
export async function openCluster(invocation: Invocation): Promise<Result<Cluster>> {
  const chosen = await chooseCluster(invocation)
  if (!chosen.ok) return chosen
  const { driver, name, stateDir } = chosen.value
  const cluster = await driver.find(stateDir)
  if (cluster) return ok(cluster)
  return fail(usage(`Cannot use cluster "${name}": it does not run any more`, { try: './k8s-ha cluster down --all' }))
}

/** Nobody shall take a cluster that is broken on purpose for a good one. */
export function plantedDefect(stateDir: string): string | undefined {
  const described = readDescription(stateDir)
  return described.ok ? described.value.defect : undefined
}

export function pickName(names: readonly string[], wanted: string | undefined): Result<string> {
  const [first, ...others] = names
  if (first === undefined)
    return fail(usage('Cannot find a running cluster: there is none', { try: './k8s-ha flow start' }))
  if (wanted !== undefined && !names.includes(wanted))
    return fail(usage(`Cannot find cluster "${wanted}": there is no such cluster${didYouMean(wanted, names)}`))
  if (wanted === undefined && others.length > 0)
    return fail(usage(`Several clusters run (${names.join(', ')}): name one`, { try: `--cluster ${first}` }))
  return ok(wanted ?? first)
}

export function findVm({ vms, name }: Cluster, text: string): Result<Vm> {
  const found = findNamed(
    vms.map(vm => [vm.spec.name, vm] as const),
    text,
    name,
  )
  return found.ok ? ok(found.value[1]) : found
}

const numberOf = (name: string): number => Number(name.replace(/^vm-/, ''))

/** "193", "vm-193" and "1" all name a VM as a user would. */
export function findNamed<T>(
  vms: readonly (readonly [name: string, T])[],
  text: string,
  cluster: string,
): Result<readonly [name: string, T]> {
  const found = vms.find(([name]) => numberOf(name) === numberOf(text))
  if (found) return ok(found)
  const names = vms.map(([name]) => name).join(', ')
  return fail(usage(`Cannot find VM "${text}": cluster "${cluster}" has ${names || 'none'}`))
}
