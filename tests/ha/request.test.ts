/** What a probe's request says when it fails: a refused certificate is told apart from a connection that broke. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import https from 'node:https'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { createSecureContext } from 'node:tls'
import { issuePki } from '../../src/cluster/pki/issue-pki.ts'
import { type Pki, pem } from '../../src/cluster/pki/pki.ts'
import { call } from '../../src/ha/probes/agent/request.ts'
import { now } from '../../src/platform/clock.ts'
import { specWith } from '../cluster-data/sample.ts'

let pki: Pki
let strangers: Pki
before(async () => {
  pki = await issuePki(specWith(), now())
  strangers = await issuePki(specWith(), now())
})

const servers: Server[] = []
after(() => servers.map(server => server.close()))

async function portOf(server: Server): Promise<number> {
  servers.push(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

/** Serves with the certificate of that name. */
const serving = (name: string): Promise<number> =>
  portOf(
    https.createServer({ cert: pem(pki, `${name}.crt`), key: pem(pki, `${name}.key`) }, (_, response) =>
      response.end('well'),
    ),
  )

/** Demands a certificate of the cluster's authority, and says by an alert when it gets another, which Node does not. */
async function servingStrictly(): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'k8s-ha-tls-'))
  after(() => rmSync(folder, { recursive: true, force: true }))
  for (const file of ['ca.crt', 'apiserver.crt', 'apiserver.key']) writeFileSync(join(folder, file), pem(pki, file))
  const free = createServer()
  const port = await portOf(free)
  free.close()
  const pair = ['-cert', 'apiserver.crt', '-key', 'apiserver.key', '-CAfile', 'ca.crt']
  const verifying = ['-Verify', '1', '-verify_return_error', '-www', '-accept', `127.0.0.1:${port}`]
  const server = spawn('openssl', ['s_server', ...pair, ...verifying], { cwd: folder })
  after(() => server.kill())
  let told = ''
  server.stdout.on('data', text => (told += text))
  while (!told.includes('ACCEPT')) await once(server.stdout, 'data')
  return port
}

const get = (port: number, authority = pki, client = pki) =>
  call({
    ...{ host: '127.0.0.1', port, path: '/', timeoutMs: 5_000 },
    secureContext: createSecureContext({
      ...{ ca: pem(authority, 'ca.crt'), cert: pem(client, 'admin.crt'), key: pem(client, 'admin.key') },
    }),
  })

test('a server with a good certificate answers', async () => {
  assert.deepEqual(await get(await serving('apiserver')), { status: 200, text: 'well' })
})

test('a server of another authority is refused', async () => {
  await assert.rejects(get(await serving('apiserver'), strangers), /^Error: certificate refused: [A-Z_]+$/)
})

test('a server whose certificate does not name its address is refused', async () => {
  const port = await serving('kubelet-vm-003')
  await assert.rejects(get(port), /^Error: certificate refused: ERR_TLS_CERT_ALTNAME_INVALID$/)
})

test('a client that the server refuses says so', async () => {
  const port = await servingStrictly()
  assert.equal((await get(port)).status, 200)
  await assert.rejects(get(port, pki, strangers), /^Error: certificate refused: ERR_SSL_.*ALERT_/)
})

test('a connection that cannot be made, or breaks in the handshake, is no refusal', async () => {
  const cutting = await portOf(createServer(socket => socket.once('data', () => socket.resetAndDestroy())))
  await assert.rejects(get(cutting), /^Error: ECONNRESET$/)
  const closed = createServer()
  const port = await portOf(closed)
  closed.close()
  await assert.rejects(get(port), /^Error: ECONNREFUSED$/)
})
