/** A Redis server as a remote: keyv's own adapter. */
import KeyvRedis, { createClient } from '@keyv/redis'
import type { ConnectOptions, RemoteConnection } from './remote-store.ts'

/** A connection that broke is not made again: the run goes on without it. */
export function connectRedis(url: string, { limitMs }: ConnectOptions): RemoteConnection {
  const client = createClient({
    url,
    socket: { reconnectStrategy: false, connectTimeout: limitMs },
    disableOfflineQueue: true,
  })
  return {
    store: new KeyvRedis<string>(client, { throwOnErrors: true }),
    parallel: 4,
    async open() {
      await client.connect()
    },
    close() {
      if (client.isOpen) client.destroy()
    },
  }
}
