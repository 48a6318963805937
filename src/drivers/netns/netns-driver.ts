/** Clusters of VMs made of Linux namespaces, on this machine. */
import { accessSync, constants, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { environment } from '../../platform/failure.ts'
import { runProcess } from '../../platform/processes/process.ts'
import { done, fail, ok, type Result } from '../../platform/result.ts'
import { readState, remainsIn, userOf } from '../cluster-state.ts'
import type { Cluster, Driver, FaultKind } from '../driver.ts'
import { findHierarchies, type Hierarchies, mountPoints } from './cgroups.ts'
import { provideKernelParts } from './kernel-parts.ts'
import { createCluster, findCluster, removeRemains } from './netns-cluster.ts'
import { removeOrphans } from './orphans.ts'
import { VmLogs } from './vm-logs.ts'
import { canLimitWrites } from './write-limits.ts'

const everywhere = ['stop', 'reset', 'power-off', 'isolate', 'loss', 'lose-disk', 'fill-disk'] as const

function faultsHere(): ReadonlySet<FaultKind> {
  const hierarchies = findHierarchies()
  return new Set<FaultKind>(
    hierarchies && canLimitWrites(mountPoints(hierarchies)) ? [...everywhere, 'slow-disk'] : everywhere,
  )
}

/** `patience`: see Cluster; asked only when something is waited for. */
export const netnsDriver = (patience: () => number = () => 1): Driver => ({
  name: 'netns',
  hostTools: ['ip', 'losetup', 'mkfs.ext4', 'nft', 'nsenter', 'perl', 'setpriv', 'unshare'],
  requiresRoot: true,

  get faults() {
    return faultsHere()
  },

  async preflight() {
    // A module that nobody needed yet is not listed among the file systems.
    if (!hasOverlayfs()) await runProcess(['modprobe', 'overlay'])
    const hierarchies = requirements()
    return hierarchies.ok ? done : hierarchies
  },

  async create(plan, signal) {
    const hierarchies = requirements()
    if (!hierarchies.ok) return hierarchies
    const { cniWants } = plan.spec
    const provided = cniWants === undefined ? done : await provideKernelParts(cniWants)
    if (!provided.ok) return provided
    const created = await createCluster(plan, { hierarchies: hierarchies.value, patience })
    if (!created.ok) return created
    const cluster = created.value
    const boots = await Promise.all(cluster.vms.map(vm => vm.boot(signal)))
    const broken = boots.find(boot => !boot.ok)
    if (broken && !broken.ok) return broken
    if (signal.aborted) return fail({ kind: 'interrupted', message: `Interrupted: cluster "${plan.name}" was booting` })
    return ok<Cluster>(cluster)
  },

  async find(stateDir) {
    const hierarchies = findHierarchies()
    return hierarchies && findCluster(stateDir, { hierarchies, patience })
  },

  async remove(stateDir) {
    const hierarchies = requirements()
    return hierarchies.ok ? removeRemains(stateDir, { hierarchies: hierarchies.value, patience }) : hierarchies
  },

  logs(stateDir) {
    const names = readState(stateDir)?.spec.vms.map(vm => vm.name) ?? []
    return new Map(names.map(name => [name, new VmLogs(stateDir, name)]))
  },

  inUseBy: userOf,

  async sweep(clustersDir) {
    const swept: string[] = []
    const hierarchies = findHierarchies()
    if (hierarchies) swept.push(...(await removeOrphans(hierarchies)))
    for (const name of remainsIn(clustersDir)) {
      const removed = await this.remove(join(clustersDir, name))
      if (!removed.ok) return removed
      swept.push(name)
    }
    return ok(swept)
  },
})

const hasOverlayfs = (): boolean => /\toverlay$/m.test(readFileSync('/proc/filesystems', 'utf8'))

/** What the kernel and the user must offer, in the order in which a user would mend it. */
function requirements(): Result<Hierarchies> {
  if (process.getuid?.() !== 0)
    return fail(environment('Cannot make VMs of namespaces: this needs root', { try: 'sudo ./k8s-ha …' }))
  const missing = ['net', 'mnt', 'pid', 'uts', 'ipc', 'cgroup'].filter(one => !existsSync(`/proc/self/ns/${one}`))
  if (missing.length > 0)
    return fail(environment(`Cannot make VMs of namespaces: this kernel has no ${missing.join(', ')} namespaces`))
  if (!hasOverlayfs())
    return fail(environment('Cannot stack the roots of VMs: this kernel has no overlayfs', { try: 'modprobe overlay' }))
  const hierarchies = findHierarchies()
  if (hierarchies === undefined)
    return fail(
      environment('Cannot group the processes of VMs: control groups version 2 are mounted nowhere', {
        try: 'mount -t cgroup2 cgroup2 /sys/fs/cgroup/unified',
      }),
    )
  try {
    accessSync(hierarchies.unified, constants.W_OK)
  } catch {
    return fail(
      environment(`Cannot group the processes of VMs: ${hierarchies.unified} is read-only`, {
        try: 'run on a machine, or in a container that may write its control groups',
      }),
    )
  }
  const [major = 0, minor = 0] = readFileSync('/proc/sys/kernel/osrelease', 'utf8').split('.').map(Number)
  if (major < 5 || (major === 5 && minor < 14))
    return fail(environment('Cannot end VMs safely: this needs Linux 5.14 or newer (cgroup.kill)'))
  return ok(hierarchies)
}
