/** Clusters whose state folder is gone, because someone removed or moved the project: only the kernel knows of them. */
import { Cgroup, clusterIds, type Hierarchies, removeTopGroup } from './cgroups.ts'
import { hasLostStateDir, holderOf } from './holders.ts'

/**
 * Resolves to the state folders that they had. A folder that is not there for this process may be there for the cluster,
 * whose project may lie in a container.
 */
export async function removeOrphans(hierarchies: Hierarchies): Promise<readonly string[]> {
  const removed: string[] = []
  for (const id of clusterIds(hierarchies)) {
    const holder = holderOf(hierarchies, id)
    if (holder === undefined || !hasLostStateDir(holder)) continue
    const cgroup = new Cgroup(hierarchies, id)
    const killed = await cgroup.kill()
    if (!killed.ok) continue
    cgroup.remove()
    removed.push(holder.stateDir)
  }
  removeTopGroup(hierarchies)
  return removed
}
