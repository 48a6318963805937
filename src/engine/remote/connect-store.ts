/** The store behind an address; what it needs is loaded only then. */
import { isIP } from 'node:net'
import { runProcess } from '../../platform/processes/process.ts'
import type { RemoteAddress } from './remote-address.ts'
import type { ConnectOptions, RemoteConnection } from './remote-store.ts'

export async function connectStore(address: RemoteAddress, options: ConnectOptions): Promise<RemoteConnection> {
  if (address.kind === 'folder') {
    const { connectFolder } = await import('./folder-store.ts')
    return connectFolder(address.path, options)
  }
  const connection =
    address.kind === 'redis'
      ? (await import('./redis-store.ts')).connectRedis(address.url, options)
      : (await import('./postgres-store.ts')).connectPostgres(address.url, options)
  const open = async () => {
    await checkName(address.host, options.limitMs)
    await connection.open()
  }
  return { ...connection, open }
}

/**
 * A child asks first, since it can be ended: a name server that is silent would hold a thread of this process, and with
 * it the end of the process, for many seconds.
 */
async function checkName(host: string, limitMs: number): Promise<void> {
  if (isIP(host) !== 0) return
  const found = await runProcess(['getent', 'ahosts', host], { timeoutMs: limitMs })
  if (!found.ok || found.value.exitCode !== 0) throw new Error(`the name ${host} is not known`)
}
