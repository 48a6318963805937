/** No value is larger: a larger one does not come from this program. */
export const maxValueBytes = 4 * 1024 * 1024

/** The part of a keyv storage adapter that a remote cache needs: any adapter that has it can be a remote. */
export interface RemoteStore {
  /** Reads at most `maxValueBytes`, whatever lies there; of what cannot be a value, some text that is none. */
  get(key: string): Promise<string | undefined>
  /** False: the store did not take it. */
  set(key: string, value: string): Promise<boolean>
  hasMany(keys: string[]): Promise<boolean[]>
}

/** A store and its way to open: made at once, so that it can be closed while it still waits for an answer. */
export interface RemoteConnection {
  readonly store: RemoteStore
  /** How many requests may be under way at once. */
  readonly parallel: number
  /** To be called once, before anything else. */
  open(): Promise<void>
  /** At once, also in the middle of a transfer. */
  close(): void
}

export interface ConnectOptions {
  /** False: nothing will be written, so nothing is prepared for it either. */
  readonly writable: boolean
  readonly limitMs: number
  readonly namedBy: 'user' | 'project'
}
