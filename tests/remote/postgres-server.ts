/** A PostgreSQL server of the test's own, where the machine has the programs: they are too large to be installed for it. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { chownSync, existsSync, globSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { endServer, freePort, untilReady } from './server-process.ts'

const programs = globSync('/usr/lib/postgresql/*/bin/initdb').map(path => dirname(path))
/** It refuses to run for root; any other user will do. */
const nobody = 65_534
const isRoot = process.getuid?.() === 0
const user = isRoot ? { uid: nobody, gid: nobody } : {}

export const postgresMissing = programs.some(folder => existsSync(join(folder, 'postgres')))
  ? false
  : 'this machine has no PostgreSQL server'

export class PostgresServer {
  readonly #dir = mkdtempSync(join(tmpdir(), 'k8s-ha-postgres-'))
  readonly port: number
  readonly #child: ChildProcess

  private constructor(port: number) {
    this.port = port
    if (isRoot) chownSync(this.#dir, nobody, nobody)
    const data = join(this.#dir, 'data')
    const [folder = ''] = programs
    const made = spawnSync(join(folder, 'initdb'), ['-D', data, '-U', 'tester', '-A', 'trust', '--no-sync'], {
      ...user,
      cwd: this.#dir,
      encoding: 'utf8',
    })
    if (made.status !== 0) throw new Error(made.stderr)
    const settings = ['listen_addresses=127.0.0.1', `port=${port}`, 'unix_socket_directories=', 'fsync=off']
    this.#child = spawn(join(folder, 'postgres'), ['-D', data, ...settings.flatMap(setting => ['-c', setting])], {
      ...user,
      cwd: this.#dir,
      stdio: ['ignore', 'ignore', 'pipe'],
    })
  }

  static async start(): Promise<PostgresServer> {
    const server = new PostgresServer(await freePort())
    try {
      await untilReady('postgres', server.#child.stderr)
    } catch (error) {
      await server[Symbol.asyncDispose]()
      throw error
    }
    return server
  }

  get url(): string {
    return `postgres://tester@127.0.0.1:${this.port}/postgres`
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // It ends its own children at once, too.
    await endServer(this.#child, 'SIGQUIT')
    rmSync(this.#dir, { recursive: true, force: true })
  }
}
