/** A cluster made of namespaces: one holder process whose namespaces are the cluster's, and the VMs inside. */
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { clientInterfaces } from '../../cluster/interfaces.ts'
import type { ClusterSpec } from '../../cluster/spec.ts'
import { type Failure, failed } from '../../platform/failure.ts'
import { packageRoot } from '../../platform/package-root.ts'
import { poll } from '../../platform/poll.ts'
import { startDetached } from '../../platform/processes/detached.ts'
import { runProcess } from '../../platform/processes/process.ts'
import { identify, isAlive, type ProcessIdentity } from '../../platform/processes/process-identity.ts'
import { done, fail, ok, type Result } from '../../platform/result.ts'
import {
  adoptState,
  type ClusterState,
  clusterIdOf,
  createState,
  keepState,
  readState,
  writeState,
} from '../cluster-state.ts'
import type { Cluster, ClusterPlan, Layer, Programs } from '../driver.ts'
import { Cgroup, type Hierarchies, removeTopGroup } from './cgroups.ts'
import { imagesBelow, released } from './disk-images.ts'
import { inCgroup, inNetworkOf, runGuest, withSecret } from './enter.ts'
import { type Holder, holderOf, isElsewhere } from './holders.ts'
import { placeLayerSet } from './layer-sets.ts'
import { NetnsVm } from './netns-vm.ts'
import { createBridges } from './network.ts'

export interface Machine {
  readonly hierarchies: Hierarchies
  /** See Cluster. */
  readonly patience: () => number
}

export class NetnsCluster implements Cluster {
  readonly name: string
  readonly spec: ClusterSpec
  readonly stateDir: string
  readonly vms: readonly NetnsVm[]
  readonly client: Programs
  readonly #machine: Machine

  constructor(state: ClusterState & { readonly holder: ProcessIdentity }, stateDir: string, machine: Machine) {
    this.name = state.name
    this.spec = state.spec
    this.stateDir = stateDir
    this.#machine = machine
    this.client = clientOf(stateDir, state.holder.pid, machine)
    const surroundings = {
      stateDir,
      clusterId: clusterIdOf(stateDir),
      ...machine,
      holder: state.holder.pid,
      all: state.spec.vms,
    }
    this.vms = state.spec.vms.map(spec => new NetnsVm(spec, surroundings))
  }

  get patience(): number {
    return this.#machine.patience()
  }

  replaceLayers(layers: readonly Layer[]): Promise<Result<void>> {
    return placeLayerSet(this.stateDir, layers)
  }

  adopt(): void {
    adoptState(this.stateDir)
  }

  keep(): boolean {
    return keepState(this.stateDir)
  }

  destroy(): Promise<Result<void>> {
    return removeRemains(this.stateDir, this.#machine)
  }
}

/** A member of the holder's control group, so that it ends with the cluster. */
function clientOf(stateDir: string, holder: number, { hierarchies, patience }: Machine): Programs {
  const { folders } = new Cgroup(hierarchies, clusterIdOf(stateDir), 'holder')
  const lineOf = (argv: readonly string[]) => inCgroup(folders, inNetworkOf(holder, argv))
  return {
    get patience() {
      return patience()
    },
    commandLine: argv => ok(lineOf(argv)),
    exec: (argv, given) => {
      const name = `${argv.join(' ')} (as a client)`
      const [line, options] = withSecret(argv, given)
      return runGuest(lineOf(line), { ...options, timeoutMs: options.timeoutMs * patience() }, { name })
    },
  }
}

/** Starts the holder and its networks; the VMs are not booted yet. */
export async function createCluster(plan: ClusterPlan, machine: Machine): Promise<Result<NetnsCluster>> {
  const { stateDir, spec } = plan
  const state = createState(plan)
  const layered = await placeLayerSet(stateDir, plan.layers)
  if (!layered.ok) return layered
  const holder = await startHolder(stateDir, machine)
  if (!holder.ok) return holder
  const held = { ...state, holder: holder.value }
  writeState(stateDir, held)
  const bridged = await createBridges(holder.value.pid, clientInterfaces(spec))
  return bridged.ok ? ok(new NetnsCluster(held, stateDir, machine)) : bridged
}

export function findCluster(stateDir: string, machine: Machine): NetnsCluster | undefined {
  const state = readState(stateDir)
  if (state?.holder === undefined || !isAlive(state.holder)) return undefined
  return new NetnsCluster({ ...state, holder: state.holder }, stateDir, machine)
}

/**
 * Ends everything that is left of the cluster of that state folder, and removes the folder. The kernel ends the
 * processes by their control group, so it does not matter how far creation came, or who was killed on the way.
 */
export async function removeRemains(stateDir: string, { hierarchies, patience }: Machine): Promise<Result<void>> {
  const holder = holderOf(hierarchies, clusterIdOf(stateDir))
  if (holder && isElsewhere(holder)) return fail(otherCluster(holder))
  const cgroup = new Cgroup(hierarchies, clusterIdOf(stateDir))
  const killed = await cgroup.kill(patience())
  if (!killed.ok) return killed
  const free = await released(imagesBelow(stateDir), patience())
  if (!free.ok) return free
  cgroup.remove()
  removeTopGroup(hierarchies)
  // Large trees: the program for it is several times faster than a walk in JavaScript.
  const removed = await runProcess(['rm', '-rf', '--one-file-system', '--', stateDir])
  if (removed.ok && removed.value.exitCode === 0) return done
  return fail(failed(`Cannot remove "${stateDir}"`, removed.ok ? { last: removed.value.stderr } : {}))
}

const otherCluster = ({ pid, stateDir }: Holder): Failure =>
  failed(`Cannot use "${stateDir}" for a cluster: process ${pid} holds one with this path in another mount namespace`, {
    try: 'remove that cluster in its container, or move this project to another path',
  })

const holderTimeoutMs = 10_000

async function startHolder(stateDir: string, { hierarchies, patience }: Machine): Promise<Result<ProcessIdentity>> {
  const cgroup = new Cgroup(hierarchies, clusterIdOf(stateDir), 'holder')
  cgroup.create()
  const log = join(stateDir, 'holder.log')
  rmSync(join(stateDir, 'holder-pid'), { force: true })
  startDetached(
    inCgroup(cgroup.folders, [
      ...['unshare', '--net', '--mount', '--pid', '--fork', '--kill-child'],
      ...['sh', join(packageRoot, 'src/drivers/netns/holder.sh'), stateDir],
    ]),
    { cwd: stateDir, log, env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' } },
  )
  const withinMs = holderTimeoutMs * patience()
  const holder = await poll(() => identifyHolder(stateDir), Boolean, { everyMs: 5, withinMs })
  if (holder) return ok(holder)
  return fail(failed(`Cannot start the namespaces of cluster "${stateDir}" within ${withinMs / 1000} s`, { log }))
}

/** The holder writes the number under which the host knows it. */
function identifyHolder(stateDir: string): ProcessIdentity | undefined {
  const file = join(stateDir, 'holder-pid')
  return existsSync(file) ? identify(Number(readFileSync(file, 'utf8'))) : undefined
}
