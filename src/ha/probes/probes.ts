/** The probes of a scenario: started, seen to work, and ended with what they found. */
import { createWriteStream, existsSync, type WriteStream } from 'node:fs'
import { join } from 'node:path'
import { finished } from 'node:stream/promises'
import { leases } from '../../cluster/leases.ts'
import { withRole } from '../../cluster/spec.ts'
import type { Cluster } from '../../drivers/driver.ts'
import { sleep } from '../../platform/clock.ts'
import { failed } from '../../platform/failure.ts'
import { poll } from '../../platform/poll.ts'
import { Conversation } from '../../platform/processes/conversation.ts'
import { done, fail, ok, type Result } from '../../platform/result.ts'
import { storageProblem } from '../../platform/system-error.ts'
import type { FaultSpan } from '../record/record.ts'
import { type AgentConfig, type AgentEvent, finish } from './agent/protocol.ts'
import { agentConfig } from './agent-config.ts'
import { etcdHashes } from './etcd-hashes.ts'
import { findingsOf } from './findings-of.ts'
import type { ProbeFindings, WritesSince } from './probe-findings.ts'
import type { ProbeName } from './probe-names.ts'
import { type VipChange, VipMonitor } from './vip-monitor.ts'

export interface ProbeOptions {
  readonly cluster: Cluster
  readonly names: readonly ProbeName[]
  /** How long a read or a write through the API waits for its answer. */
  readonly clientTimeoutMs: number
  /** Everything that was seen goes there, a line each. */
  readonly historyFile: string
  readonly signal: AbortSignal
  readonly onVipChange: (change: VipChange) => void
}

const endWithinMs = 20_000

/** What a scenario needs of its probes. */
export type Probes = Pick<RunningProbes, 'settled' | 'writes' | 'stop' | 'abandon'>

/** A failure when the cluster cannot be asked at all; that it answers shows in `settled`. */
export type StartProbes = (options: ProbeOptions) => Promise<Result<Probes>>

export const startProbes: StartProbes = async options => {
  const config = await agentConfig(options)
  if (!config.ok) return config
  const agent = options.cluster.client.commandLine([process.execPath, agentFile()])
  return agent.ok ? ok(new RunningProbes(options, config.value, agent.value)) : agent
}

/** Bundled it is one file beside this one; otherwise its source runs as it is. */
function agentFile(): string {
  const bundled = join(import.meta.dirname, 'probe-agent.js')
  return existsSync(bundled) ? bundled : join(import.meta.dirname, 'agent/main.ts')
}

class RunningProbes {
  readonly #options: ProbeOptions
  readonly #config: AgentConfig
  readonly #agent: Conversation
  readonly #vips: VipMonitor | undefined
  readonly #history: WriteStream
  readonly #events: AgentEvent[] = []
  /** What has not succeeded yet, and what it said last. */
  readonly #awaited: Map<string, string>
  #agentEnded = false
  /** Why the history is not whole. */
  #unwritten: string | undefined

  constructor(options: ProbeOptions, config: AgentConfig, agent: readonly string[]) {
    const { cluster, names, historyFile, onVipChange } = options
    this.#options = options
    this.#config = config
    this.#awaited = new Map(awaitedOf(config).map(name => [name, 'nothing seen']))
    this.#history = createWriteStream(historyFile).on('error', error => {
      this.#unwritten = storageProblem(error)
    })
    this.#agent = new Conversation(agent, {
      onLine: line => this.#take(line),
      onProblem: line => this.#history.write(`${JSON.stringify({ type: 'problem', text: line })}\n`),
    })
    void this.#agent.ended.then(() => {
      this.#agentEnded = true
    })
    this.#agent.say(JSON.stringify(config))
    if (names.includes('vip') && withRole(cluster, 'load-balancer').length > 0)
      this.#vips = new VipMonitor({
        cluster,
        tell: change => {
          this.#history.write(`${JSON.stringify({ type: 'vip', ...change })}\n`)
          onVipChange(change)
        },
      })
  }

  /** Resolves when each probe has succeeded once; a failure names those that did not, and what they saw. */
  async settled(withinMs: number): Promise<Result<void>> {
    const { signal } = this.#options
    const isSettled = () => this.#awaited.size === 0 && (this.#vips?.isSettled ?? true)
    await poll(() => isSettled() || this.#agentEnded, Boolean, { everyMs: 20, withinMs, signal })
    if (signal.aborted) return fail({ kind: 'interrupted', message: 'Interrupted while probes began' })
    if (isSettled()) return done
    if (this.#agentEnded) return fail(failed('Cannot probe the cluster: the probes ended by themselves', this.#where()))
    const last = [...this.#awaited].map(([name, seen]) => `${name}: ${seen}`).join('\n')
    const message = `Cannot probe the cluster: not every probe succeeded within ${withinMs / 1000} s`
    return fail(failed(message, { last, ...this.#where() }))
  }

  /** Undefined when no probe writes. */
  get writes(): WritesSince | undefined {
    if (!this.#config.probes.some(name => name.endsWith('-write'))) return undefined
    return sinceMs => {
      const begun = this.#events.filter(
        event => event.type === 'request' && event.probe.endsWith('-write') && event.at >= sinceMs,
      )
      return { tried: begun.length, acknowledged: begun.filter(event => !('error' in event)).length }
    }
  }

  /**
   * Ends all probes, compares the members' histories, and reports what was seen. `originMs`: the scenario's
   * beginning.
   */
  async stop(originMs: number, faults: readonly FaultSpan[]): Promise<Result<ProbeFindings>> {
    this.#vips?.stop()
    this.#agent.say(finish)
    const { cluster, signal } = this.#options
    const ended = new AbortController()
    const withinMs = endWithinMs * cluster.patience
    await Promise.race([this.#agent.ended, sleep(withinMs, ended.signal).catch(() => undefined)])
    ended.abort()
    await this.abandon()
    const hashes = this.#config.etcd.members.length > 0 ? await etcdHashes(cluster, signal) : []
    if (!this.#events.some(({ type }) => type === 'cost'))
      return fail(
        failed(
          `Cannot report what the probes saw: they did not end cleanly within ${withinMs / 1000} s`,
          this.#where(),
        ),
      )
    if (this.#unwritten !== undefined)
      return fail(failed(`Cannot keep what the probes saw: ${this.#unwritten}`, this.#where()))
    const vip = this.#vips?.spans(originMs, faults) ?? []
    return ok({ ...findingsOf({ events: this.#events, config: this.#config, originMs }), vip, hashes })
  }

  /** Ends at once; what was seen is lost. */
  async abandon(): Promise<void> {
    this.#vips?.stop()
    this.#agent.sayGoodbye()
    this.#agent.kill()
    await this.#agent.ended
    this.#history.end()
    await finished(this.#history).catch(() => undefined)
  }

  #take(line: string): void {
    this.#history.write(`${line}\n`)
    const event: AgentEvent = JSON.parse(line)
    this.#events.push(event)
    if (this.#awaited.size > 0) this.#settle(event)
  }

  #settle(event: AgentEvent): void {
    const name = awaitedName(event)
    const error = event.type === 'request' ? event.error : undefined
    if (error === undefined) this.#awaited.delete(name)
    else
      for (const one of this.#awaited.keys())
        if (name === 'prepare' || one === name || one.startsWith(`${name} `)) this.#awaited.set(one, error)
  }

  #where = () => ({ log: this.#options.historyFile })
}

const perMember = ['etcd-linearizable', 'etcd-serializable', 'raft']

function awaitedOf({ probes, etcd, app }: AgentConfig): readonly string[] {
  return probes.flatMap(name => {
    if (name === 'leases') return leases.map(lease => `leases ${lease}`)
    if (name === 'app') return app.map(({ vm }) => `app ${vm}`)
    return perMember.includes(name) ? etcd.members.map(({ vm }) => `${name} ${vm}`) : [name]
  })
}

function awaitedName(event: AgentEvent): string {
  if (event.type === 'request') return event.vm === undefined ? event.probe : `${event.probe} ${event.vm}`
  if (event.type === 'raft') return `raft ${event.vm}`
  if (event.type === 'lease') return `leases ${event.lease}`
  return { node: 'nodes', watch: 'watch', 'watch-cut': '', history: '', cost: '' }[event.type]
}
