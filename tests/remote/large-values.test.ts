/** Of a value in a server that is larger than any may be, no more than a part is read. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createClient } from '@keyv/redis'
import pg from 'pg'
import { connectStore } from '../../src/engine/remote/connect-store.ts'
import { parseRemoteAddress } from '../../src/engine/remote/remote-address.ts'
import { maxValueBytes } from '../../src/engine/remote/remote-store.ts'
import { PostgresServer, postgresMissing } from './postgres-server.ts'
import { RedisServer } from './redis-server.ts'

const large = 'x'.repeat(3 * maxValueBytes)

async function readFrom(url: string, keys: readonly string[]): Promise<readonly (string | undefined)[]> {
  const address = parseRemoteAddress(url, '/')
  assert.ok(address)
  const connection = await connectStore(address, { writable: true, limitMs: 60_000, namedBy: 'user' })
  try {
    await connection.open()
    const found: (string | undefined)[] = []
    for (const key of keys) found.push(await connection.store.get(key))
    return found
  } finally {
    connection.close()
  }
}

test('by Redis', async () => {
  await using server = await RedisServer.start()
  const client = createClient({ url: server.url })
  await client.connect()
  await client.set('large', large)
  await client.set('small', 'small')
  await client.rPush('list', 'one')
  client.destroy()
  const [big = '', small, list, none] = await readFrom(server.url, ['large', 'small', 'list', 'none'])
  assert.ok(big.length <= maxValueBytes + 1, String(big.length))
  assert.deepEqual([small, list, none], ['small', '', undefined])
})

test('by PostgreSQL', { skip: postgresMissing }, async () => {
  await using server = await PostgresServer.start()
  await readFrom(server.url, [])
  const client = new pg.Client(server.url)
  await client.connect()
  const insert = 'INSERT INTO k8s_ha_cache VALUES ($1, $2)'
  await client.query(insert, ['large', large])
  await client.query(insert, ['small', 'small'])
  await client.end()
  assert.deepEqual(await readFrom(server.url, ['large', 'small', 'none']), ['', 'small', undefined])
})
