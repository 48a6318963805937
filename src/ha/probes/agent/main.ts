/**
 * The probes: a program of its own, because it runs inside a cluster's network. It reads its configuration from its
 * input, reports what it sees on its output, and ends when its input does.
 */
import { setPriority } from 'node:os'
import { createInterface } from 'node:readline'
import { monotonicMs, sleep } from '../../../platform/clock.ts'
import { messageOf } from '../../../platform/failure.ts'
import { ApiProbes } from './api-probes.ts'
import { appReads } from './app-probe.ts'
import { EtcdProbes } from './etcd-probes.ts'
import { type Tell, together } from './pace.ts'
import { type AgentConfig, finish } from './protocol.ts'
import { WatchProbe } from './watch-probe.ts'

/** Each line by itself would wake the reader a hundred times a second. */
const tellEveryMs = 50
let untold = ''
let telling: NodeJS.Timeout | undefined

const tell: Tell = event => {
  untold += `${JSON.stringify(event)}\n`
  telling ??= setTimeout(() => tellAll(), tellEveryMs)
}

function tellAll(done?: () => void): void {
  clearTimeout(telling)
  telling = undefined
  process.stdout.write(untold, done)
  untold = ''
}

/** Before all others: its own wait for a CPU would count as the cluster's silence. */
const priority = -10
try {
  setPriority(priority)
} catch {
  // Not allowed without root: then it waits like the others.
}

const preparePauseMs = 200

const startPauseMs = 50

interface Running {
  readonly from: number
  stop(): void
  histories(): Promise<void>
}

let running: Promise<Running> | undefined

// Nothing of it may outlive the program that started it, however that one ended.
process.stdin.on('end', () => process.exit())
process.stdout.on('error', () => process.exit())

createInterface(process.stdin).on('line', line => {
  if (line === finish) void end()
  else running = start(JSON.parse(line))
})

async function start(config: AgentConfig): Promise<Running> {
  const { api, probes } = config
  const etcd = new EtcdProbes(config, tell)
  const client = api && new ApiProbes(api, config, tell)
  const from = await prepare(etcd, client)
  // In this order, one after the other: the API's clients last, because the first connections of all others would keep
  // them waiting.
  const starts: Readonly<Record<string, (() => () => void) | undefined>> = {
    'etcd-linearizable': () => etcd.reads('etcd-linearizable'),
    'etcd-serializable': () => etcd.reads('etcd-serializable'),
    'etcd-write': () => etcd.writes(),
    raft: () => etcd.raft(),
    watch: client && (() => new WatchProbe(client.base, from, tell).start()),
    leases: client?.leases,
    nodes: client?.nodes,
    app: () => appReads(config.app, tell),
    'api-keepalive': client && (() => client.keptReads()),
    'api-read': client?.reads,
    'api-write': client?.writes,
  }
  const stops: (() => void)[] = []
  for (const [name, start] of Object.entries(starts)) {
    if (start === undefined || !probes.some(probe => probe === name)) continue
    stops.push(start())
    await sleep(startPauseMs)
  }
  return { from, stop: together(stops), histories: () => etcd.histories(from + 1) }
}

/** Again and again: what starts the probes decides how long that may take. */
async function prepare(etcd: EtcdProbes, client: ApiProbes | undefined): Promise<number> {
  for (;;) {
    const at = monotonicMs()
    try {
      return client === undefined ? (await etcd.revisions()).now : await client.prepare()
    } catch (error) {
      const why = messageOf(error)
      tell({ type: 'request', probe: 'prepare', at, ms: monotonicMs() - at, error: why })
      await sleep(preparePauseMs)
    }
  }
}

async function end(): Promise<void> {
  const probes = await running
  probes?.stop()
  // Requests under way end within their time limits.
  await sleep(300)
  const { user, system } = process.cpuUsage()
  const wallMs = process.uptime() * 1000
  await probes?.histories()
  // The last word: without it the probes did not end in order.
  tell({ type: 'cost', cpuMs: (user + system) / 1000, wallMs })
  tellAll(() => process.exit())
}
