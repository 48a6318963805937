/** The messages between the probes and the program that started them: JSON, one line each. */

/** First line of the agent's input. All addresses are IP addresses. */
export interface AgentConfig {
  /** Names of the probes to run. */
  readonly probes: readonly string[]
  /** Greater than every value that earlier probes wrote; each write adds one. */
  readonly firstValue: number
  /** How many times longer than usual the first and the last requests may take, which measure nothing. */
  readonly patience: number
  /** How long a read or a write through the API waits for its answer. */
  readonly clientTimeoutMs: number
  /** Absent without Kubernetes. */
  readonly api?: Endpoint & Credentials
  readonly etcd: Credentials & { readonly members: readonly (Endpoint & { readonly vm: string })[] }
  /** Where the test application's service answers on the workers. */
  readonly app: readonly (Endpoint & { readonly vm: string })[]
}

export interface Endpoint {
  readonly host: string
  readonly port: number
}

/** PEM */
export interface Credentials {
  readonly ca: string
  readonly cert: string
  readonly key: string
}

/** Second line of the agent's input: end the probes, make the final reads, and leave. */
export const finish = 'finish'

/** Begin a request every `steadyPeriodMs`, whether or not the former ones have ended. */
export const steadyProbes = ['api-write', 'api-read', 'etcd-write'] as const
export const steadyPeriodMs = 50

/** How the error of a request begins when one side refused the other's certificate. */
export const refusedCertificate = 'certificate refused: '

/** One request of a probe. Times: milliseconds of the machine's monotonic clock. */
export interface RequestEvent {
  readonly type: 'request'
  readonly probe: string
  readonly vm?: string
  readonly at: number
  readonly ms: number
  /** Why it was no success; absent when it was one. */
  readonly error?: string
  /** Which register was read or written. */
  readonly register?: number
  /** What was read, or is written; 0: nothing was ever written. */
  readonly value?: number
  /** etcd's revision of that value. */
  readonly revision?: number
}

/** One change of a register, as etcd orders them. */
export interface Change {
  readonly register: number
  readonly revision: number
  readonly value: number
}

export type AgentEvent =
  | RequestEvent
  | { readonly type: 'raft'; readonly vm: string; readonly at: number; readonly term: number; readonly leads: boolean }
  | { readonly type: 'lease'; readonly lease: string; readonly at: number; readonly holder: string }
  | { readonly type: 'node'; readonly node: string; readonly at: number; readonly ready: boolean }
  | ({ readonly type: 'watch'; readonly at: number } & Change)
  | { readonly type: 'watch-cut'; readonly at: number; readonly why: string }
  /** Everything since the probes began, as that member holds it; undefined when it did not answer. */
  | { readonly type: 'history'; readonly vm: string; readonly changes?: readonly Change[]; readonly error?: string }
  | { readonly type: 'cost'; readonly cpuMs: number; readonly wallMs: number }
