/** Gives a project its remote cache for the time of some work, when a setting names one. */
import type { Project } from '../engine/project.ts'
import { parseRemoteAddress } from '../engine/remote/remote-address.ts'
import type { OpenProject } from './open-project.ts'
import { ignoredSettings, isUsers } from './settings.ts'

/**
 * Nothing is loaded or connected before the cache is asked; without a remote, nothing at all. A project that is not
 * trusted yet does not choose which server is asked.
 */
export async function withRemote<T>(
  { project, settings }: OpenProject,
  warn: (text: string) => void,
  work: (project: Project) => Promise<T>,
): Promise<T> {
  const setting = (name: string) => settings.get(name)?.value ?? ''
  const text = setting('cache.remote')
  const address = text === '' ? undefined : parseRemoteAddress(text, project.projectDir)
  if (!address) return work(project)
  for (const ignored of ignoredSettings(settings)) warn(ignored)
  const isProjects = !isUsers(settings.get('cache.remote'))
  if (isProjects && (await project.distrust?.([]))) {
    warn(`The remote cache ${address.shown} of k8s-ha.yaml is not asked: this project was not trusted yet`)
    return work(project)
  }
  const { RemoteCache } = await import('../engine/remote/remote-cache.ts')
  const remote = new RemoteCache({
    address,
    policy: setting('cache.remote-policy') === 'read-write' ? 'read-write' : 'read-only',
    namespace: setting('cache.remote-namespace'),
    namedBy: isProjects ? 'project' : 'user',
    maxBytes: project.maxCacheBytes || Number.POSITIVE_INFINITY,
  })
  try {
    return await work({ ...project, remote })
  } finally {
    remote.close()
  }
}
