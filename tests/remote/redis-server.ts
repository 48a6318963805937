/** A Redis server of the test's own: Debian's, on a free port of this machine, in a temporary folder. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findTool } from '../../src/cli/machine/host-tools.ts'

/**
 * Debian's redis-server package is a link to this program, and a service that would stay on the machine. By the link's
 * name the program knows that it is to serve.
 */
const program = findTool('redis-check-rdb')

export class RedisServer {
  readonly #dir = mkdtempSync(join(tmpdir(), 'k8s-ha-redis-'))
  readonly port: number
  readonly #child: ChildProcess

  private constructor(port: number, args: readonly string[]) {
    if (program === undefined) throw new Error('This test needs redis-tools: apt-get install redis-tools')
    this.port = port
    const server = join(this.#dir, 'redis-server')
    symlinkSync(program, server)
    this.#child = spawn(
      server,
      ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', this.#dir, ...args],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    )
  }

  static async start(...args: readonly string[]): Promise<RedisServer> {
    const server = new RedisServer(await freePort(), args)
    try {
      await server.#ready()
    } catch (error) {
      await server[Symbol.asyncDispose]()
      throw error
    }
    return server
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  /** Stops, as a machine does that answers no more; its connections stay. */
  freeze(): void {
    this.#child.kill('SIGSTOP')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const ended = once(this.#child, 'exit')
      this.#child.kill('SIGKILL')
      await ended
    }
    rmSync(this.#dir, { recursive: true, force: true })
  }

  async #ready(): Promise<void> {
    let said = ''
    for await (const text of this.#child.stdout ?? []) {
      said += text
      if (said.includes('Ready to accept connections')) return void this.#child.stdout?.resume()
    }
    throw new Error(`redis-server did not start:\n${said}`)
  }
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
