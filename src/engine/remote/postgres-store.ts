/** A PostgreSQL server as a remote: one table of texts. (keyv's adapter ends the process when a server goes away.) */
import { Socket } from 'node:net'
import pg from 'pg'
import { codeOf } from '../../platform/files.ts'
import type { ConnectOptions, RemoteConnection, RemoteStore } from './remote-store.ts'

const connections = 4
/** PostgreSQL's names for: there is no such table; somebody made it at the same moment. */
const [noTable, madeMeanwhile] = ['42P01', '23505']

export function connectPostgres(url: string, { writable }: ConnectOptions): RemoteConnection {
  const sockets = new Set<Socket>()
  const pool = new pg.Pool({
    connectionString: url,
    max: connections,
    stream: () => {
      const socket = new Socket()
      sockets.add(socket)
      socket.once('close', () => sockets.delete(socket))
      return socket
    },
  })
  // The next request reports it; without a listener it would end the process.
  pool.on('error', () => {})
  return {
    store: new PostgresStore(pool),
    parallel: connections,
    async open() {
      await pool.query('SELECT 1')
      if (writable) await makeTable(pool)
    },
    close() {
      pool.end().catch(() => {})
      for (const socket of sockets) socket.destroy()
    },
  }
}

async function makeTable(pool: pg.Pool): Promise<void> {
  try {
    await pool.query('CREATE TABLE IF NOT EXISTS k8s_ha_cache (key TEXT PRIMARY KEY, value TEXT NOT NULL)')
  } catch (error) {
    if (codeOf(error) !== madeMeanwhile) throw error
  }
}

class PostgresStore implements RemoteStore {
  readonly #pool: pg.Pool

  constructor(pool: pg.Pool) {
    this.#pool = pool
  }

  async get(key: string): Promise<string | undefined> {
    const [row] = await this.#select<{ value: string }>('SELECT value FROM k8s_ha_cache WHERE key = $1', [key])
    return row?.value
  }

  async set(key: string, value: string): Promise<boolean> {
    const text =
      'INSERT INTO k8s_ha_cache (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value'
    await this.#pool.query(text, [key, value])
    return true
  }

  async hasMany(keys: string[]): Promise<boolean[]> {
    const rows = await this.#select<{ key: string }>('SELECT key FROM k8s_ha_cache WHERE key = ANY($1)', [keys])
    const found = new Set(rows.map(row => row.key))
    return keys.map(key => found.has(key))
  }

  /** Nothing, where nobody has written yet. */
  async #select<Row extends pg.QueryResultRow>(text: string, values: readonly unknown[]): Promise<readonly Row[]> {
    try {
      return (await this.#pool.query<Row>(text, [...values])).rows
    } catch (error) {
      if (codeOf(error) === noTable) return []
      throw error
    }
  }
}
