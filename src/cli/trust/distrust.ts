/**
 * What a project that came from elsewhere wants for the first time, and that the user has not allowed yet: to name a
 * remote cache, to unpack sandbox roots, to have fingerprint commands run.
 */
import type { Task } from '../../engine/workflow/workflow.ts'
import { type Failure, usage } from '../../platform/failure.ts'
import { placeText } from '../../text/source-text.ts'
import { isOwnCheckout } from '../project-folder.ts'
import { type Setting, shownValue } from '../settings.ts'

export interface Trusting {
  readonly projectDir: string
  readonly settings: ReadonlyMap<string, Setting>
  readonly environment: Readonly<Record<string, string | undefined>>
}

/** Undefined: it may. `tasks`: those that are to run. */
export async function distrustOf(trusting: Trusting, tasks: readonly Task[]): Promise<Failure | undefined> {
  const { projectDir, environment } = trusting
  const remote = remoteOfProject(trusting)
  const wanting = tasks.filter(task => task.fingerprint.length > 0 || task.sandbox)
  if (remote === undefined && wanting.length === 0) return undefined
  if (environment.K8S_HA_TRUST === '1' || isOwnCheckout(projectDir)) return undefined
  const { whyForeign } = await import('./why-foreign.ts')
  const foreign = whyForeign(projectDir, environment)
  if (foreign === undefined) return undefined
  const { isTrusted } = await import('./trusted-projects.ts')
  if (isTrusted(trusting, remote)) return undefined
  const wishes = [...(remote === undefined ? [] : [`the remote cache ${remote}`]), ...wishesOf(wanting)]
  return usage(`Cannot run a project that was not trusted yet: ${foreign}`, {
    last: `it wants ${wishes.join(', ')}`,
    try: 'k8s-ha trust   once, when you know what it does; in CI: K8S_HA_TRUST=1',
  })
}

/** As it may be shown; undefined when the user named it, or nobody. */
export function remoteOfProject({ settings }: Pick<Trusting, 'settings'>): string | undefined {
  const setting = settings.get('cache.remote')
  return setting?.source === 'project' && setting.value !== '' ? shownValue(setting) : undefined
}

function wishesOf(tasks: readonly Task[]): readonly string[] {
  const [commands, sandbox] = [tasks.find(task => task.fingerprint.length > 0), tasks.find(task => task.sandbox)]
  return [
    ...(commands ? [`fingerprint commands, as those of "${commands.name}" (${placeText(commands.place)})`] : []),
    ...(sandbox ? [`sandbox roots, as that of "${sandbox.name}" (${placeText(sandbox.place)})`] : []),
  ]
}
