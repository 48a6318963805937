/** A Redis server of the test's own: Debian's, on a free port of this machine, in a temporary folder. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findTool } from '../../src/cli/machine/host-tools.ts'
import { endServer, freePort, untilReady } from './server-process.ts'

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
      await untilReady('redis-server', server.#child.stdout)
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
    await endServer(this.#child, 'SIGKILL')
    rmSync(this.#dir, { recursive: true, force: true })
  }
}
