/** `npm run bench`: what users wait for, measured on real clusters, beside what was promised. Needs root. */
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const checkout = join(import.meta.dirname, '..')
const cli = join(checkout, 'k8s-ha')

interface Event {
  readonly type: string
  readonly at: string
  readonly task?: string
  readonly text?: string
  readonly durationMs?: number
  readonly status?: string
}

interface Row {
  readonly what: string
  readonly measured: string
  readonly promised: string
}

const rows: Row[] = []
const report = (what: string, measured: string, promised: string) => {
  rows.push({ what, measured, promised })
  process.stderr.write(`${what}: ${measured}\n`)
}

// Everything is built first, so that only the measured part is measured.
flow(['overlay', '--set', 'family=IPv6', '--set', 'nvm=4', '--set', 'masters=1-2', '--set', 'nrouters=0'])
flow(['kubernetes-build'])
flow(['keepalived-build'])

report('no-op of keepalived-build, whole process, median of 20', `${Math.round(medianMs(20))} ms`, '≤ 120 ms, aim 80')

const etcd = flow(['etcd-vm-reboot', '--set', 'family=IPv6'])
report('3-member etcd healthy after the flow starts', seconds(since(etcd, 'start-etcd', 'etcd-healthy')), '≤ 4 s')

const start = flow(['start', '--set', 'family=IPv6', '--set', 'nvm=4', '--set', 'masters=1-2', '--set', 'nrouters=0'])
try {
  report('API through the VIP after the flow starts', seconds(since(start, 'start', 'namespaces-exist')), '≤ 12 s')
  report('4 nodes Ready after the flow starts', seconds(since(start, 'start', 'nodes-ready')), '≤ 20 s')
  report('memory of that cluster', `${(clusterMemoryBytes() / 2 ** 30).toFixed(2)} GiB`, '≤ 2 GiB')
} finally {
  execFileSync(cli, ['cluster', 'down', '--cluster', 'start'], { cwd: checkout })
}

const whole = flow(['test-ipv6'])
report('flow test-ipv6, all four tests', seconds(whole.at(-1)?.durationMs ?? Number.NaN), '≤ 120 s, aim 75')

const width = (key: keyof Row) => Math.max(...rows.map(row => row[key].length))
for (const row of rows)
  process.stdout.write(
    `${row.what.padEnd(width('what'))}  ${row.measured.padStart(width('measured'))}  ${row.promised}\n`,
  )

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

function medianMs(times: number): number {
  const all = Array.from({ length: times }, () => {
    const began = performance.now()
    execFileSync(cli, ['flow', 'keepalived-build'], { cwd: checkout, stdio: 'ignore' })
    return performance.now() - began
  })
  return all.sort((a, b) => a - b)[Math.floor(times / 2)] ?? Number.NaN
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

function seconds(ms: number): string {
  if (!Number.isFinite(ms)) throw new Error('The events of the run do not tell it')
  return `${(ms / 1000).toFixed(1)} s`
}
