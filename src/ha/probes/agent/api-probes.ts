/** Clients of the API, through the VIP. */
import https from 'node:https'
import { createSecureContext } from 'node:tls'
import { leases, leasesPath } from '../../../cluster/leases.ts'
import { every, type Found, inTurn, type Tell, timed } from './pace.ts'
import { type AgentConfig, type Credentials, type Endpoint, steadyPeriodMs } from './protocol.ts'
import { configMap, nameOf, namespace, registers, valueIn } from './registers.ts'
import { type Call, call, type Reply } from './request.ts'

const keptTimeoutMs = 1_000
const slowTimeoutMs = 1_000
const keptPeriodMs = 100
const statePeriodMs = 1_000

/** Every server knows it; the newer default, which is safe from quantum computers too, costs a client twice the time. */
const ecdhCurve = 'P-256'

const collection = `/api/v1/namespaces/${namespace}/configmaps`

interface Target {
  readonly metadata: { readonly resourceVersion: string }
  readonly data?: { readonly value?: string }
}

export class ApiProbes {
  readonly #base: Pick<Call, 'host' | 'port' | 'secureContext'>
  readonly #tell: Tell
  readonly #firstRequest: Pick<Call, 'timeoutMs'>
  readonly #clientTimeoutMs: number
  #written: number
  #reads = 0

  constructor(api: Endpoint & Credentials, { firstValue, patience, clientTimeoutMs }: AgentConfig, tell: Tell) {
    this.#clientTimeoutMs = clientTimeoutMs
    this.#written = firstValue
    this.#firstRequest = { timeoutMs: 5_000 * patience }
    this.#base = { host: api.host, port: api.port, secureContext: createSecureContext({ ...api, ecdhCurve }) }
    this.#tell = tell
  }

  /**
   * Makes the registers; resolves to the store's revision before the probes write. Those of the registers will not do:
   * in a cluster that was quiet for long they can be older than what etcd keeps.
   */
  async prepare(): Promise<number> {
    await this.#post('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } })
    for (const register of registers) await this.#post(collection, configMap(register, 0))
    const reply = await call({ ...this.#base, path: `${collection}?limit=1`, ...this.#firstRequest })
    return foundIn(reply).revision ?? 0
  }

  reads = (): (() => void) =>
    every(steadyPeriodMs, () => {
      const register = this.#nextRegister()
      void timed(this.#tell, { probe: 'api-read', register }, () =>
        this.#read(register, { timeoutMs: this.#clientTimeoutMs }),
      )
    })

  writes = (): (() => void) =>
    every(steadyPeriodMs, () => {
      const value = ++this.#written
      const register = value % registers.length
      void timed(this.#tell, { probe: 'api-write', register, value }, async () => {
        const path = `${collection}/${nameOf(register)}`
        const body = configMap(register, value)
        const reply = await call({ ...this.#base, method: 'PUT', path, body, timeoutMs: this.#clientTimeoutMs })
        return { revision: foundIn(reply).revision ?? 0 }
      })
    })

  /** One client that keeps its connection, and makes another when a request was not answered in time. */
  keptReads(): () => void {
    const agent = new https.Agent({ keepAlive: true, maxSockets: 1 })
    return inTurn(keptPeriodMs, () => {
      const register = this.#nextRegister()
      return timed(this.#tell, { probe: 'api-keepalive', register }, () =>
        this.#read(register, { timeoutMs: keptTimeoutMs, agent }),
      )
    })
  }

  leases = (): (() => void) =>
    inTurn(statePeriodMs, async () => {
      for (const lease of leases) {
        const path = `${leasesPath}/${lease}`
        await this.#state(path, (at, { spec }: { spec?: { holderIdentity?: string } }) =>
          this.#tell({ type: 'lease', lease, at, holder: (spec?.holderIdentity ?? '').replace(/_.*/, '') }),
        )
      }
    })

  /** From the apiserver's own memory, which costs etcd nothing. */
  nodes = (): (() => void) =>
    inTurn(statePeriodMs, () =>
      this.#state('/api/v1/nodes?resourceVersion=0', (at, { items }: NodeList) => {
        for (const { metadata, status } of items) {
          const ready = status.conditions.some(one => one.type === 'Ready' && one.status === 'True')
          this.#tell({ type: 'node', node: metadata.name, at, ready })
        }
      }),
    )

  get base() {
    return this.#base
  }

  async #state<T>(path: string, told: (at: number, answer: T) => void): Promise<void> {
    const probe = path.includes('/leases/') ? 'leases' : 'nodes'
    await timed(
      event => {
        if (event.type === 'request' && event.error !== undefined) this.#tell(event)
      },
      { probe },
      async () => {
        const reply = await call({ ...this.#base, path, timeoutMs: slowTimeoutMs })
        if (reply.status !== 200) throw new Error(`HTTP ${reply.status}`)
        told(Number(process.hrtime.bigint()) / 1e6, JSON.parse(reply.text))
        return {}
      },
    )
  }

  async #read(register: number, how: Pick<Call, 'timeoutMs' | 'agent'>): Promise<Found> {
    return foundIn(await call({ ...this.#base, path: `${collection}/${nameOf(register)}`, ...how }))
  }

  /** That it is there already is as good. */
  async #post(path: string, body: object): Promise<void> {
    const { status, text } = await call({ ...this.#base, method: 'POST', path, body, ...this.#firstRequest })
    if (status !== 201 && status !== 409) throw new Error(`HTTP ${status} for ${path}: ${text.slice(0, 200)}`)
  }

  #nextRegister = (): number => ++this.#reads % registers.length
}

interface NodeList {
  readonly items: readonly {
    readonly metadata: { readonly name: string }
    readonly status: { readonly conditions: readonly { readonly type: string; readonly status: string }[] }
  }[]
}

function foundIn({ status, text }: Reply): Found {
  if (status !== 200) throw new Error(`HTTP ${status}`)
  const { metadata, data }: Target = JSON.parse(text)
  return { revision: Number(metadata.resourceVersion), value: valueIn(data?.value ?? '') }
}
