/** What users wait for, measured on real clusters, beside what was promised. Needs root. */
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { defaultVersion, fallbackVersion } from '../src/cluster/kubernetes/versions.ts'
import { median, type Program, timeMs } from './measure.ts'
import { milliseconds, type Row } from './table.ts'

const checkout = join(import.meta.dirname, '..')
const cli = join(checkout, 'k8s-ha')
const fourNodes = ['family=IPv6', 'nvm=4', 'masters=1-2', 'nrouters=0'].flatMap(option => ['--set', option])

/** The default, and what it succeeds. */
const versions = [defaultVersion, fallbackVersion]
const choosing = (kubernetes: string): readonly string[] => ['--set', `kubernetes=${kubernetes}`]

interface Event {
  readonly type: string
  readonly at: string
  readonly task?: string
  readonly text?: string
  readonly durationMs?: number
  readonly status?: string
}

export function* clusterRows(): Generator<Row> {
  // Everything is built first, so that only the measured part is measured.
  flow(['keepalived-build'])
  for (const kubernetes of versions)
    for (const part of ['overlay', 'kubernetes-build', 'etcd-build'])
      flow([part, ...(part === 'overlay' ? fourNodes : []), ...choosing(kubernetes)])

  const noOp: Program = { argv: [cli, 'flow', 'keepalived-build'], cwd: checkout, env: process.env }
  const noOpMs = median(Array.from({ length: 20 }, () => timeMs({ program: noOp })))
  yield promised('no-op of keepalived-build, whole process', noOpMs, { mustMs: 120, aimMs: 80, times: 20 })

  const etcd = flow(['etcd-vm-reboot', '--set', 'family=IPv6'])
  yield promised('3-member etcd healthy after the flow starts', since(etcd, 'start-etcd', 'etcd-healthy'), {
    mustMs: 4_000,
  })

  for (const kubernetes of versions) yield* startRows(kubernetes)

  const whole = flow(['test-ipv6'])
  const wholeMs = whole.at(-1)?.durationMs ?? Number.NaN
  yield promised('flow test-ipv6, all four tests', wholeMs, { mustMs: 110_000, aimMs: 75_000 })
}

function* startRows(kubernetes: string): Generator<Row> {
  const start = flow(['start', ...fourNodes, ...choosing(kubernetes)])
  try {
    yield promised(
      `${kubernetes}: API through the VIP after the flow starts`,
      since(start, 'start', 'namespaces-exist'),
      {
        mustMs: 9_000,
      },
    )
    yield promised(`${kubernetes}: 4 nodes Ready after the flow starts`, since(start, 'start', 'nodes-ready'), {
      mustMs: 13_000,
    })
    yield memoryRow(kubernetes, clusterMemoryBytes())
  } finally {
    execFileSync(cli, ['cluster', 'down', '--cluster', 'start'], { cwd: checkout })
  }
}

interface Limits {
  readonly mustMs: number
  readonly aimMs?: number
  readonly times?: number
}

function promised(what: string, ms: number, { mustMs, aimMs, times = 1 }: Limits): Row {
  if (!Number.isFinite(ms)) throw new Error(`The events of the run do not have it: ${what}`)
  return {
    what,
    ours: milliseconds(ms),
    must: `≤ ${milliseconds(mustMs)}`,
    ...(aimMs === undefined ? {} : { aim: `≤ ${milliseconds(aimMs)}` }),
    kept: { must: ms <= mustMs, aim: ms <= (aimMs ?? mustMs) },
    times,
  }
}

function memoryRow(kubernetes: string, bytes: number): Row {
  const fits = bytes <= 1.8 * 2 ** 30
  return {
    what: `${kubernetes}: memory of that cluster (page cache included)`,
    ours: `${(bytes / 2 ** 30).toFixed(2)} GiB`,
    must: '≤ 1.8 GiB',
    kept: { must: fits, aim: fits },
    times: 1,
  }
}

/** The events of a run; a run that fails ends the benchmark. */
function flow(argv: readonly string[]): readonly Event[] {
  const run = spawnSync(cli, ['flow', ...argv, '--json'], {
    cwd: checkout,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const events = run.stdout
    .split('\n')
    .filter(Boolean)
    .map(line => JSON.parse(line) as Event)
  if (run.status !== 0) throw new Error(`"k8s-ha flow ${argv.join(' ')}" ended with exit code ${run.status}`)
  return events
}

/** From the start of the run to the moment when a check of that task held, in ms. */
function since(events: readonly Event[], task: string, check: string): number {
  const held = events.find(
    event =>
      event.type === 'task-output' &&
      event.task === task &&
      new RegExp(`^${check} +[0-9.]+ s`, 'm').test(event.text ?? ''),
  )
  return Date.parse(held?.at ?? '') - Date.parse(events[0]?.at ?? '')
}

/** What the control groups of the running clusters count, page cache included. */
function clusterMemoryBytes(): number {
  const places: readonly (readonly [string, string])[] = [
    ['/sys/fs/cgroup/memory/k8s-ha', 'memory.usage_in_bytes'],
    ['/sys/fs/cgroup/k8s-ha', 'memory.current'],
  ]
  const [folder, file] = places.find(([place]) => existsSync(place)) ?? ['', '']
  return readdirSync(folder, { withFileTypes: true })
    .filter(entry => entry.isDirectory())
    .reduce((sum, entry) => sum + Number(readFileSync(join(folder, entry.name, file), 'utf8')), 0)
}
