/** What was given for a parameter or a setting: --set counts before the environment, that before k8s-ha.yaml. */
import { variableOf } from '../../platform/variable-of.ts'
import type { ValueSource } from '../workflow/workflow.ts'

export interface Givers {
  readonly set?: ReadonlyMap<string, string>
  readonly environment: Readonly<Record<string, string | undefined>>
  /** The project's `k8s-ha.yaml`. */
  readonly projectSettings?: ReadonlyMap<string, string>
}

export interface Given {
  readonly text: string
  readonly source: Exclude<ValueSource, 'default'>
  /** The environment variable that gave it. */
  readonly variable?: string
}

/** Undefined: the default counts. `variables`: the first that is set. */
export function givenValue(
  { name, variables }: { readonly name: string; readonly variables: readonly string[] },
  { set, environment, projectSettings }: Givers,
): Given | undefined {
  const text = set?.get(name)
  if (text !== undefined) return { text, source: 'set' }
  for (const variable of variables) {
    // A variable that is set to nothing counts as not set, as in most programs that the ancestor's users know.
    const value = variableOf(environment, variable)
    if (value) return { text: value, source: 'environment', variable }
  }
  const written = projectSettings?.get(name)
  return written === undefined ? undefined : { text: written, source: 'project' }
}

/** As the user knows it. */
export const originOf = (source: ValueSource, variable: string | undefined): string =>
  ({ set: '--set', environment: variable ?? 'environment', project: 'k8s-ha.yaml', default: 'default' })[source]
