/** What a cluster could leave behind on this machine, as sets of lines that can be compared. */
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { findHierarchies } from '../../../src/drivers/netns/cgroups.ts'
import { holderOf } from '../../../src/drivers/netns/holders.ts'
import { foldersIn } from '../../../src/platform/folder-entries.ts'
import { processIds } from '../../../src/platform/processes/process-identity.ts'
import { ownProjects } from './own-project.ts'
import { checkout } from './run-cli.ts'

const clusters = join(checkout, 'cache/clusters')

export type MachineState = Readonly<Record<string, readonly string[]>>

/** What belongs to clusters of other checkouts, which may come and go meanwhile, is left out. */
export function machineState(): MachineState {
  const others = clustersOfOthers()
  const isTheirs = (group: string) => others.some(({ id }) => `${group}/`.includes(`/k8s-ha/${id}/`))
  return {
    processes: strangers(isTheirs),
    links: execFileSync('ip', ['-o', 'link', 'show'], { encoding: 'utf8' })
      .split('\n')
      .map(line => line.split(':')[1]?.trim() ?? ''),
    clusters: existsSync(clusters) ? readdirSync(clusters) : [],
    settings: ['kernel/panic', 'kernel/panic_on_oops', 'vm/overcommit_memory', 'net/ipv4/ip_forward'].map(
      name => `${name} ${readFileSync(join('/proc/sys', name), 'utf8').trim()}`,
    ),
    mounts: readFileSync('/proc/self/mountinfo', 'utf8')
      .split('\n')
      .map(line => line.split(' ').slice(3).join(' ')),
    cgroups: cgroupMounts()
      .flatMap(mount => folders(mount, 3).filter(folder => folder.includes('/k8s-ha')))
      .filter(folder => !isTheirs(folder) && !(others.length > 0 && folder.endsWith('/k8s-ha'))),
    loops: existsSync('/sys/block') ? readdirSync('/sys/block').filter(name => isLoop(name, others)) : [],
  }
}

/** Lines that `after` has and `before` has not, by kind. Empty: nothing was left. */
export function leftBehind(before: MachineState, after: MachineState): readonly string[] {
  return Object.entries(after).flatMap(([kind, lines]) => {
    const known = new Set(before[kind])
    return lines.filter(line => line !== '' && !known.has(line)).map(line => `${kind}: ${line}`)
  })
}

const ours = [`${checkout}/`, ownProjects]
const isOurs = (path: string): boolean => ours.some(folder => path.startsWith(folder))

interface OtherCluster {
  readonly id: string
  readonly stateDir: string
}

/** By those that hold them; what nobody holds is not left out. */
function clustersOfOthers(): readonly OtherCluster[] {
  const hierarchies = findHierarchies()
  const top = join(hierarchies?.unified ?? '', 'k8s-ha')
  if (hierarchies === undefined || !existsSync(top)) return []
  return readdirSync(top).flatMap(id => {
    const holder = holderOf(hierarchies, id)
    return holder === undefined || isOurs(holder.stateDir) ? [] : [{ id, stateDir: holder.stateDir }]
  })
}

function isLoop(name: string, others: readonly OtherCluster[]): boolean {
  try {
    const image = readFileSync(`/sys/block/${name}/loop/backing_file`, 'utf8')
    // As the VM saw it, whose mounts may begin below the root.
    const folder = image.slice(0, Math.max(0, image.indexOf('/vms/')))
    return folder === '' || !others.some(({ stateDir }) => stateDir.endsWith(folder))
  } catch {
    return false
  }
}

/**
 * Processes in a control group of ours, or in another namespace with something of ours: what they mount, where they
 * work, what they run. Other programs of the machine use namespaces as well, and come and go.
 */
function strangers(isTheirs: (group: string) => boolean): readonly string[] {
  const kinds = ['net', 'mnt', 'pid', 'uts', 'ipc', 'cgroup']
  const own = kinds.map(kind => readlinkSync(`/proc/self/ns/${kind}`))
  return processIds().flatMap(pid => {
    try {
      const isElsewhere = kinds.some((kind, index) => readlinkSync(`/proc/${pid}/ns/${kind}`) !== own[index])
      const groups = readFileSync(`/proc/${pid}/cgroup`, 'utf8').split('\n')
      if (groups.some(isTheirs)) return []
      return (isElsewhere && hasOurs(pid)) || groups.some(group => group.includes('/k8s-ha/'))
        ? [`${pid} ${readFileSync(`/proc/${pid}/comm`, 'utf8').trim()}`]
        : []
    } catch {
      return []
    }
  })
}

const hasOurs = (pid: number): boolean =>
  ['mountinfo', 'cmdline'].some(file => {
    const text = readFileSync(`/proc/${pid}/${file}`, 'utf8')
    return ours.some(folder => text.includes(folder))
  }) || isOurs(`${readlinkSync(`/proc/${pid}/cwd`)}/`)

const cgroupMounts = (): readonly string[] =>
  readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .filter(line => / - cgroup2? /.test(line))
    .map(line => line.split(' ')[4] ?? '')

function folders(folder: string, depth: number): readonly string[] {
  return depth === 0
    ? []
    : foldersIn(folder).flatMap(name => [join(folder, name), ...folders(join(folder, name), depth - 1)])
}
