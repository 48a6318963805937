/** Clusters whose state folder is gone, because someone removed or moved the project: only the kernel knows of them. */
import { existsSync, readFileSync } from 'node:fs'
import { Cgroup, clusterIds, type Hierarchies, removeTopGroup } from './cgroups.ts'

/** Resolves to the state folders that they had. */
export async function removeOrphans(hierarchies: Hierarchies): Promise<readonly string[]> {
  const removed: string[] = []
  for (const id of clusterIds(hierarchies)) {
    const stateDir = stateDirOf(new Cgroup(hierarchies, id, 'holder'))
    if (stateDir === undefined || existsSync(stateDir)) continue
    const cgroup = new Cgroup(hierarchies, id)
    const killed = await cgroup.kill()
    if (!killed.ok) continue
    cgroup.remove()
    removed.push(stateDir)
  }
  removeTopGroup(hierarchies)
  return removed
}

/** The holder is started with it as an argument: see holder.sh. */
function stateDirOf(holder: Cgroup): string | undefined {
  for (const pid of holder.processes()) {
    try {
      const argv = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
      const found = argv.map(argument => /^k8s-ha (\/.*)$/.exec(argument)?.[1]).find(path => path !== undefined)
      if (found !== undefined) return found
    } catch {
      // It ended meanwhile.
    }
  }
  return undefined
}
