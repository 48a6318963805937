/** A Redis server as a remote: keyv's own adapter, which is not asked for more of a value than there may be. */
import KeyvRedis, { createClient } from '@keyv/redis'
import { messageOf } from '../../platform/failure.ts'
import { type ConnectOptions, maxValueBytes, type RemoteConnection, type RemoteStore } from './remote-store.ts'

/** A connection that broke is not made again: the run goes on without it. */
export function connectRedis(url: string, { limitMs }: ConnectOptions): RemoteConnection {
  const client = createClient({
    url,
    socket: { reconnectStrategy: false, connectTimeout: limitMs },
    disableOfflineQueue: true,
  })
  return {
    store: bounded(client, new KeyvRedis<string>(client, { throwOnErrors: true })),
    parallel: 4,
    async open() {
      await client.connect()
    },
    close() {
      if (client.isOpen) client.destroy()
    },
  }
}

interface Ranges {
  getRange(key: string, first: number, last: number): Promise<string | null>
}

/** A user of the server who may not GETRANGE gets whole values. */
function bounded(client: Ranges, whole: RemoteStore): RemoteStore {
  let mayAskForParts = true
  return {
    async get(key) {
      if (!mayAskForParts) return whole.get(key)
      try {
        // Of a key that is not there it is empty, and no value is.
        return (await client.getRange(key, 0, maxValueBytes)) || undefined
      } catch (error) {
        if (!/^(NOPERM|WRONGTYPE)/.test(messageOf(error))) throw error
        if (messageOf(error).startsWith('WRONGTYPE')) return ''
        mayAskForParts = false
        return whole.get(key)
      }
    },
    set: (key, value) => whole.set(key, value),
    hasMany: keys => whole.hasMany(keys),
  }
}
