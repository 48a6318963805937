/** Gives a project its remote cache for the time of some work, when a setting names one. */
import type { Project } from '../engine/project.ts'
import { parseRemoteAddress } from '../engine/remote/remote-address.ts'
import type { OpenProject } from './open-project.ts'

/** Nothing is loaded or connected before the cache is asked; without a remote, nothing at all. */
export async function withRemote<T>(
  { project, settings }: OpenProject,
  work: (project: Project) => Promise<T>,
): Promise<T> {
  const setting = (name: string) => settings.get(name)?.value ?? ''
  const text = setting('cache.remote')
  const address = text === '' ? undefined : parseRemoteAddress(text, project.projectDir)
  if (!address) return work(project)
  const { RemoteCache } = await import('../engine/remote/remote-cache.ts')
  const remote = new RemoteCache({
    address,
    policy: setting('cache.remote-policy') === 'read-write' ? 'read-write' : 'read-only',
    namespace: setting('cache.remote-namespace'),
    maxBytes: project.maxCacheBytes || Number.POSITIVE_INFINITY,
  })
  try {
    return await work({ ...project, remote })
  } finally {
    remote.close()
  }
}
