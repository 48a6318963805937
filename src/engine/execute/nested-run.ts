/** A flow that a task of the same project starts would wait for its own parent: it is refused, with the reason. */
import { readFileSync } from 'node:fs'
import { type Failure, failed } from '../../platform/failure.ts'
import { lockHolders } from '../../platform/lock.ts'
import type { Project } from '../project.ts'
import { shortFolderOf } from '../runners/short-folder.ts'
import { projectStateDir, tasksDir } from '../store/cache-layout.ts'

/** `lock`: the project's, which is held. Undefined: this process was not started by a task of this project. */
export function insideOwnTask(project: Project, lock: string): Failure | undefined {
  const folder = tasksDir(projectStateDir(project))
  const isMarked = [folder, `${shortFolderOf(folder).link}/`].some(start => process.env.TMPDIR?.startsWith(start))
  const holders = lockHolders(lock)
  if (holders.length === 0 || !(isMarked || ancestors().some(pid => holders.includes(pid)))) return undefined
  return failed(
    `Cannot run a flow of ${project.projectDir} in a task of the same project: each would wait for the other`,
    {
      try: 'name what the inner flow does among the needs of the task, or include its workflow',
    },
  )
}

/** This process's parent, and its parent, and so on. */
function ancestors(): readonly number[] {
  const found: number[] = []
  for (let pid = process.ppid; pid > 1 && !found.includes(pid); pid = parentOf(pid)) found.push(pid)
  return found
}

function parentOf(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
  } catch {
    return 0
  }
}
