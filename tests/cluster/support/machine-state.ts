/** What a cluster could leave behind on this machine, as sets of lines that can be compared. */
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { processIds } from '../../../src/platform/processes/process-identity.ts'
import { checkout } from './run-cli.ts'

const clusters = join(checkout, 'cache/clusters')

export type MachineState = Readonly<Record<string, readonly string[]>>

export function machineState(): MachineState {
  return {
    processes: strangers(),
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
    cgroups: cgroupMounts().flatMap(mount => folders(mount, 3).filter(folder => folder.includes('/k8s-ha'))),
    loops: existsSync('/sys/block')
      ? readdirSync('/sys/block').filter(name => existsSync(`/sys/block/${name}/loop`))
      : [],
  }
}

/** Lines that `after` has and `before` has not, by kind. Empty: nothing was left. */
export function leftBehind(before: MachineState, after: MachineState): readonly string[] {
  return Object.entries(after).flatMap(([kind, lines]) => {
    const known = new Set(before[kind])
    return lines.filter(line => line !== '' && !known.has(line)).map(line => `${kind}: ${line}`)
  })
}

/** Processes in a namespace that is not ours, or in a control group of ours. */
function strangers(): readonly string[] {
  const kinds = ['net', 'mnt', 'pid', 'uts', 'ipc', 'cgroup']
  const own = kinds.map(kind => readlinkSync(`/proc/self/ns/${kind}`))
  return processIds().flatMap(pid => {
    try {
      const isElsewhere = kinds.some((kind, index) => readlinkSync(`/proc/${pid}/ns/${kind}`) !== own[index])
      const isGrouped = readFileSync(`/proc/${pid}/cgroup`, 'utf8').includes('/k8s-ha/')
      return isElsewhere || isGrouped ? [`${pid} ${readFileSync(`/proc/${pid}/comm`, 'utf8').trim()}`] : []
    } catch {
      return []
    }
  })
}

const cgroupMounts = (): readonly string[] =>
  readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .filter(line => / - cgroup2? /.test(line))
    .map(line => line.split(' ')[4] ?? '')

function folders(folder: string, depth: number): readonly string[] {
  if (depth === 0) return []
  return readdirSync(folder, { withFileTypes: true })
    .filter(entry => entry.isDirectory())
    .flatMap(entry => [join(folder, entry.name), ...folders(join(folder, entry.name), depth - 1)])
}
