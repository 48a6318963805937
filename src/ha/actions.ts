/** What scenarios do to a cluster besides breaking it, by the name in a `do` step. */
import type { Action } from './action.ts'
import { deployTestApp } from './actions/deploy-test-app.ts'
import { labelControlPlane } from './actions/label-control-plane.ts'

export const actions: ReadonlyMap<string, Action> = new Map(
  [deployTestApp, labelControlPlane].map(action => [action.name, action]),
)

export const actionNames: readonly string[] = [...actions.keys()]
