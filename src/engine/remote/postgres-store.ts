/** A PostgreSQL server as a remote: one table of texts. (keyv's adapter ends the process when a server goes away.) */
import { Socket } from 'node:net'
import pg from 'pg'
import { codeOf } from '../../platform/files.ts'
import { type ConnectOptions, maxValueBytes, type RemoteConnection, type RemoteStore } from './remote-store.ts'

const connections = 4
/** PostgreSQL's names for: there is no such table; somebody made it at the same moment. */
const [noTable, madeMeanwhile] = ['42P01', '23505']

export function connectPostgres(url: string, { writable, namedBy }: ConnectOptions): RemoteConnection {
  const sockets = new Set<Socket>()
  const pool = new pg.Pool({
    ...(namedBy === 'user' ? { connectionString: url } : withoutUsersOwn(url)),
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

/**
 * All that the address itself says, and nothing of the environment (PGPASSWORD, PGUSER), of ~/.pgpass or of files that
 * the address names: those are for servers that the user chose.
 */
function withoutUsersOwn(url: string): pg.PoolConfig {
  const { hostname, port, username, password, pathname, searchParams } = new URL(url)
  const sslMode = searchParams.get('sslmode') ?? 'disable'
  return {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: Number(port) || 5432,
    user: decodeURIComponent(username) || 'k8s-ha',
    password() {
      if (password === '') throw new Error('it wants a password, and the address in k8s-ha.yaml has none')
      return decodeURIComponent(password)
    },
    database: decodeURIComponent(pathname.slice(1)) || 'k8s-ha',
    ssl: sslMode === 'no-verify' ? { rejectUnauthorized: false } : sslMode !== 'disable',
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
    // The server measures: a value may be larger than this process has room for.
    const text = 'SELECT CASE WHEN octet_length(value) <= $2 THEN value END AS value FROM k8s_ha_cache WHERE key = $1'
    const [row] = await this.#select<{ value: string | null }>(text, [key, maxValueBytes])
    return row && (row.value ?? '')
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
