/** Clients of each etcd member by itself, on connections that are kept: etcd's JSON gateway. */
import https from 'node:https'
import { createInterface } from 'node:readline'
import { createSecureContext, type SecureContext } from 'node:tls'
import { monotonicMs } from '../../../platform/clock.ts'
import { messageOf } from '../../../platform/failure.ts'
import { every, type Found, inTurn, type Tell, timed, together } from './pace.ts'
import { type AgentConfig, type Change, steadyPeriodMs } from './protocol.ts'
import {
  changeOf,
  encode,
  encodedValue,
  endOf,
  isRegister,
  type KeyValue,
  nameOf,
  prefixOf,
  registers,
} from './registers.ts'
import { call } from './request.ts'

const requestTimeoutMs = 250
const linearizablePeriodMs = 200
const serializablePeriodMs = 500
const raftPeriodMs = 500
const historyTimeoutMs = 10_000

type Member = AgentConfig['etcd']['members'][number]

export class EtcdProbes {
  readonly #members: readonly (Member & { readonly agent: https.Agent })[]
  readonly #secureContext: SecureContext
  readonly #prefix: string
  readonly #tell: Tell
  readonly #patience: number
  #written: number

  constructor({ api, etcd, firstValue, patience }: AgentConfig, tell: Tell) {
    const { members, ...credentials } = etcd
    this.#written = firstValue
    this.#patience = patience
    this.#secureContext = createSecureContext(credentials)
    this.#members = members.map(member => ({ ...member, agent: new https.Agent({ keepAlive: true, maxSockets: 4 }) }))
    this.#prefix = prefixOf(api !== undefined)
    this.#tell = tell
  }

  /** etcd's revision now, and that of the latest change of a register, from the member that answers first. */
  async revisions(): Promise<{ readonly now: number; readonly latest: number }> {
    const body = { key: encode(this.#prefix), range_end: encode(endOf(this.#prefix)), keys_only: true }
    const answers = this.#members.map(member => this.#ask(member, '/v3/kv/range', body, 2_000 * this.#patience))
    const { header, kvs = [] } = (await Promise.any(answers)) as RangeAnswer
    return { now: Number(header.revision), latest: Math.max(0, ...kvs.map(kv => Number(kv.mod_revision))) }
  }

  reads(probe: 'etcd-linearizable' | 'etcd-serializable'): () => void {
    const isSerializable = probe === 'etcd-serializable'
    const stops = this.#members.map((member, index) => {
      const register = index % registers.length
      const body = { key: encode(this.#prefix + nameOf(register)), serializable: isSerializable }
      return inTurn(isSerializable ? serializablePeriodMs : linearizablePeriodMs, () =>
        timed(this.#tell, { probe, vm: member.vm, register }, async (): Promise<Found> => {
          const { kvs } = (await this.#ask(member, '/v3/kv/range', body)) as { readonly kvs?: readonly KeyValue[] }
          const [found] = kvs ?? []
          return found === undefined ? { revision: 0, value: 0 } : changeOf(found)
        }),
      )
    })
    return together(stops)
  }

  /** Through whichever member answers: the next one is asked when one does not. */
  writes(): () => void {
    let preferred = 0
    return every(steadyPeriodMs, () => {
      const value = ++this.#written
      const register = value % registers.length
      const body = { key: encode(this.#prefix + nameOf(register)), value: encodedValue(value) }
      void timed(this.#tell, { probe: 'etcd-write', register, value }, async () => {
        const asked = preferred
        const member = this.#members[asked % this.#members.length]
        if (member === undefined) throw new Error('no member')
        try {
          const { header } = (await this.#ask(member, '/v3/kv/put', body)) as {
            readonly header: { readonly revision: string }
          }
          return { revision: Number(header.revision) }
        } catch (error) {
          preferred = asked + 1
          throw error
        }
      })
    })
  }

  raft(): () => void {
    const stops = this.#members.map(member =>
      inTurn(raftPeriodMs, async () => {
        const at = monotonicMs()
        const answer = await this.#ask(member, '/v3/maintenance/status', {}).catch(() => undefined)
        if (answer === undefined) return
        const status = answer as {
          readonly header: { readonly member_id: string }
          readonly leader?: string
          readonly raftTerm: string
        }
        const leads = status.leader === status.header.member_id
        this.#tell({ type: 'raft', vm: member.vm, at, term: Number(status.raftTerm), leads })
      }),
    )
    return together(stops)
  }

  /** What every member holds of the registers from that revision on, each asked by itself. */
  async histories(from: number): Promise<void> {
    const upTo = await this.revisions().then(
      ({ latest }) => latest,
      () => undefined,
    )
    await Promise.all(
      this.#members.map(async member => {
        try {
          if (upTo === undefined) throw new Error('no member answers')
          this.#tell({ type: 'history', vm: member.vm, changes: await this.#history(member, from, upTo) })
        } catch (error) {
          const why = messageOf(error)
          this.#tell({ type: 'history', vm: member.vm, error: why })
        }
      }),
    )
  }

  /** A watch from the past replays every change, in order. */
  #history({ host, port }: Member, from: number, upTo: number): Promise<readonly Change[]> {
    if (upTo < from) return Promise.resolve([])
    return new Promise((resolve, reject) => {
      const changes: Change[] = []
      const withinMs = historyTimeoutMs * this.#patience
      const tooLong = `its history does not reach revision ${upTo} within ${withinMs} ms`
      const timer = setTimeout(() => end(new Error(tooLong)), withinMs)
      const end = (error?: Error) => {
        clearTimeout(timer)
        request.destroy()
        if (error) reject(error)
        else resolve(changes.filter(({ register }) => isRegister(register)))
      }
      const options = {
        host,
        port,
        path: '/v3/watch',
        method: 'POST',
        agent: false,
        secureContext: this.#secureContext,
      }
      const request = https.request(options)
      request.on('error', end)
      request.on('response', response => {
        response.on('error', end)
        response.on('end', () => end(new Error('it ended the watch')))
        const lines = createInterface({ input: response })
        // It passes on what goes wrong with its input, the end that this side makes included.
        lines.on('error', end)
        lines.on('line', line => {
          const { result }: WatchLine = JSON.parse(line)
          if (result?.compact_revision !== undefined) end(new Error('its history was compacted'))
          for (const { kv } of result?.events ?? []) if (kv) changes.push(changeOf(kv))
          if ((changes.at(-1)?.revision ?? 0) >= upTo) end()
        })
      })
      const range = { key: encode(this.#prefix), range_end: encode(endOf(this.#prefix)), start_revision: from }
      // Not ended: a gateway takes the end of the body for the end of the watch.
      request.write(JSON.stringify({ create_request: range }))
    })
  }

  async #ask(
    member: Member & { readonly agent: https.Agent },
    path: string,
    body: object,
    timeoutMs = requestTimeoutMs,
  ) {
    const { host, port, agent } = member
    const reply = await call({
      host,
      port,
      agent,
      secureContext: this.#secureContext,
      method: 'POST',
      path,
      body,
      timeoutMs,
    })
    if (reply.status !== 200) throw new Error(`HTTP ${reply.status}: ${reply.text.slice(0, 120)}`)
    return JSON.parse(reply.text) as unknown
  }
}

interface RangeAnswer {
  readonly header: { readonly revision: string }
  readonly kvs?: readonly { readonly mod_revision: string }[]
}

interface WatchLine {
  readonly result?: {
    readonly compact_revision?: string
    readonly events?: readonly { readonly kv?: KeyValue }[]
  }
}
