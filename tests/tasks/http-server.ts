/** An HTTP server on a free port of the loopback interface, closed after the test. */
import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'

/** Its address, without a slash at the end. */
export async function httpServer(t: TestContext, listener: RequestListener): Promise<string> {
  return `http://${await listening(t, createServer(listener))}`
}

/** Starts the server, until the test ends: "127.0.0.1:34567". */
export async function listening(t: TestContext, server: Server): Promise<string> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** Serves files by their path. */
export const serve =
  (files: ReadonlyMap<string, string | Buffer>): RequestListener =>
  (request, response) => {
    const content = files.get(request.url ?? '')
    if (content === undefined) response.writeHead(404)
    response.end(content)
  }
