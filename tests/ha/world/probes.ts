/** Clients of a world in memory: they ask as the probes do, and what they saw is made findings of as theirs is. */
import { apiUrl } from '../../../src/cluster/render/kubeconfig.ts'
import { nodes } from '../../../src/cluster/spec.ts'
import type { FakeVm } from '../../../src/drivers/fake/fake-vm.ts'
import type { AgentConfig, AgentEvent, Change, RequestEvent } from '../../../src/ha/probes/agent/protocol.ts'
import { etcdHashes } from '../../../src/ha/probes/etcd-hashes.ts'
import { findingsOf } from '../../../src/ha/probes/findings-of.ts'
import type { WritesSince } from '../../../src/ha/probes/probe-findings.ts'
import type { ProbeOptions, Probes, StartProbes } from '../../../src/ha/probes/probes.ts'
import { VipMonitor } from '../../../src/ha/probes/vip-monitor.ts'
import type { FaultSpan } from '../../../src/ha/record/record.ts'
import { done, fail, ok, type Result } from '../../../src/platform/result.ts'
import { leaderOf, serves } from './etcd.ts'
import { apiserverAt } from './kubernetes.ts'
import { type Parts, reaches, runs } from './parts.ts'

const everyMs = 50
const timeoutMs = 250
const known = ['api-read', 'api-write', 'etcd-linearizable', 'raft', 'nodes', 'watch', 'vip']

/** What a test may let go wrong with what clients see. */
export interface Mischief {
  /** What a member tells of its history; otherwise all changes. */
  readonly history?: (vm: string, changes: readonly Change[]) => readonly Change[] | undefined
  /** Why a request fails that would succeed. */
  readonly refusal?: string
  readonly neverSettles?: boolean
  /** When the machine keeps the probes from beginning anything; milliseconds since they began. */
  readonly standstill?: readonly [fromMs: number, toMs: number]
}

const told = (changes: readonly Change[] | undefined) => (changes === undefined ? { error: 'no answer' } : { changes })

export const clientsOf =
  (world: Parts, mischief: Mischief = {}): StartProbes =>
  async options =>
    ok(new Clients(world, options, mischief))

class Clients implements Probes {
  readonly #world: Parts
  readonly #mischief: Mischief
  readonly #config: AgentConfig
  readonly #vips: VipMonitor | undefined
  readonly #events: AgentEvent[] = []
  readonly #changes: Change[] = []
  readonly #ending = new AbortController()
  readonly #beganMs: number
  #leader: FakeVm | undefined
  #term = 1

  constructor(world: Parts, { names, onVipChange }: ProbeOptions, mischief: Mischief) {
    this.#world = world
    this.#mischief = mischief
    this.#beganMs = world.clock.monotonicMs()
    const members = world.withRole('etcd').map(({ spec }) => ({ vm: spec.name, host: '', port: 0 }))
    this.#config = {
      probes: known.filter(probe => names.some(name => name === probe)),
      etcd: { ca: '', cert: '', key: '', members },
      ...{ patience: 1, clientTimeoutMs: 250, firstValue: 1, app: [] },
    }
    if (this.#asks('vip')) this.#vips = new VipMonitor({ cluster: world.cluster, tell: onVipChange })
    void this.#run()
  }

  async settled(): Promise<Result<void>> {
    const last = 'api-write: late'
    return this.#mischief.neverSettles ? fail({ kind: 'failed', message: 'Cannot probe the cluster', last }) : done
  }

  get writes(): WritesSince | undefined {
    if (!this.#asks('api-write')) return undefined
    return sinceMs => {
      const begun = this.#events.filter(one => one.type === 'request' && one.probe === 'api-write' && one.at >= sinceMs)
      return { tried: begun.length, acknowledged: begun.filter(one => !('error' in one)).length }
    }
  }

  async stop(originMs: number, faults: readonly FaultSpan[]) {
    await this.abandon()
    const { history = (_, changes) => changes } = this.#mischief
    for (const { vm } of this.#config.etcd.members)
      this.#events.push({ type: 'history', vm, ...told(history(vm, this.#changes)) })
    this.#events.push({ type: 'cost', cpuMs: 80, wallMs: 1_000 })
    const hashes = await etcdHashes(this.#world.cluster, new AbortController().signal)
    const vip = this.#vips?.spans(originMs, faults) ?? []
    return ok({ ...findingsOf({ events: this.#events, config: this.#config, originMs }), vip, hashes })
  }

  async abandon(): Promise<void> {
    this.#vips?.stop()
    this.#ending.abort()
  }

  #asks = (probe: string): boolean => this.#config.probes.includes(probe)

  async #run(): Promise<void> {
    const { signal } = this.#ending
    while (!signal.aborted) {
      this.#askApi()
      this.#askEtcd()
      await this.#world.clock.sleep(everyMs + this.#standstill(), signal).catch(() => undefined)
    }
  }

  /** What the machine takes from the probes just now. */
  #standstill(): number {
    const [from, to] = this.#mischief.standstill ?? [0, 0]
    const elapsed = this.#world.clock.monotonicMs() - this.#beganMs
    return elapsed >= from && elapsed < to ? to - elapsed : 0
  }

  #askApi(): void {
    const world = this.#world
    const at = world.clock.monotonicMs()
    const isUp = apiserverAt(world, undefined, apiUrl(world.spec)) !== undefined
    const last = this.#changes.at(-1)
    this.#request('api-read', isUp, last)
    const { value, revision } = last ?? { value: 0, revision: 100 }
    const next = { register: 1, value: value + 1, revision: revision + 1 }
    if (this.#request('api-write', isUp && !world.alarm, next)) {
      this.#changes.push(next)
      this.#events.push({ type: 'watch', at, ...next })
    }
    for (const { id, name } of isUp && this.#asks('nodes') ? nodes(world.spec) : [])
      this.#events.push({ type: 'node', node: name, at, ready: runs(world.vm(id), 'kubelet') })
  }

  #askEtcd(): void {
    const world = this.#world
    const at = world.clock.monotonicMs()
    const leader = leaderOf(world)
    if (leader !== undefined && leader !== this.#leader) [this.#leader, this.#term] = [leader, this.#term + 1]
    for (const member of world.withRole('etcd')) {
      const { name: vm } = member.spec
      const isHeard = runs(member, 'etcd') && reaches(undefined, member)
      this.#request('etcd-linearizable', isHeard && serves(world, member), { vm })
      if (isHeard && this.#asks('raft'))
        this.#events.push({ type: 'raft', vm, at, term: this.#term, leads: member === leader })
    }
  }

  /** Whether it was asked at all, and answered. */
  #request(probe: string, isAnswered: boolean, more: Partial<RequestEvent> = {}): boolean {
    if (!this.#asks(probe)) return false
    const error = isAnswered ? this.#mischief.refusal : 'late'
    const at = this.#world.clock.monotonicMs()
    const asked = { type: 'request', probe, at, ...more } as const
    this.#events.push(error === undefined ? { ...asked, ms: 5 } : { ...asked, ms: timeoutMs, error })
    return error === undefined
  }
}
