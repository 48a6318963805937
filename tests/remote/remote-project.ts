/** Projects that share a remote cache, each as on a machine of its own. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseRemoteAddress } from '../../src/engine/remote/remote-address.ts'
import { RemoteCache, type RemoteCacheOptions } from '../../src/engine/remote/remote-cache.ts'
import { type Extra, type Ran, TestProject } from '../engine/project.ts'

/** Of whoever shares: a machine that is busy with other tests is not what these tests are about. */
const patienceMs = 60_000

export type RemoteExtra = Partial<Omit<RemoteCacheOptions, 'address'>>

export function remoteCache(address: string, extra: RemoteExtra = {}): RemoteCache {
  const parsed = parseRemoteAddress(address, '/')
  if (!parsed) throw new Error(`not an address: ${address}`)
  const usual = { policy: 'read-write', namespace: 'main', maxBytes: 2 ** 40, patienceMs } as const
  return new RemoteCache({ address: parsed, ...usual, ...extra })
}

/** A project with a cache folder of its own; `sources`: its files. */
export function projectWith(workflow: string, sources: Readonly<Record<string, string>> = {}): TestProject {
  const project = new TestProject()
  project.workflow(workflow)
  for (const [name, text] of Object.entries(sources)) project.write(name, text)
  return project
}

export async function runWith(
  project: TestProject,
  address: string,
  extra: RemoteExtra = {},
  run: Extra = {},
): Promise<Ran> {
  const remote = remoteCache(address, extra)
  try {
    return await project.run({ ...run, remote })
  } finally {
    remote.close()
  }
}

/** What a run says of each task: `restored from remote`. */
export const fates = ({ events }: Ran): Readonly<Record<string, string>> =>
  Object.fromEntries(
    events.flatMap(event =>
      event.type === 'task-finished' ? [[event.task, `${event.status}${event.from ? ` from ${event.from}` : ''}`]] : [],
    ),
  )

export class SharedFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'k8s-ha-shared-'));

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true })
  }

  /** Every file below `part` (`blobs`, `records`, or all), with its whole path. */
  files(part = ''): readonly string[] {
    return readdirSync(this.path, { recursive: true, encoding: 'utf8' })
      .map(name => join(this.path, name))
      .filter(path => statSync(path).isFile() && path.includes(part))
      .sort()
  }

  /** Everything that whoever reads the folder can read, pieces of blobs put together and decoded. */
  contents(): string {
    const bytes = this.files().map(path => readFileSync(path))
    return bytes
      .map(one => `${one.toString('latin1')}\n${Buffer.from(one.toString(), 'base64').toString('latin1')}`)
      .join('\n')
  }
}
