/** A server that a test starts and ends. */
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { Readable } from 'node:stream'

/** Resolves when the server says that it is ready; rejects with what it said when it ends before. */
export async function untilReady(name: string, output: Readable | null): Promise<void> {
  let said = ''
  for await (const text of output ?? []) {
    said += text
    if (/ready to accept connections/i.test(said)) return void output?.resume()
  }
  throw new Error(`${name} did not start:\n${said}`)
}

export async function endServer(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill(signal)
  await ended
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}
