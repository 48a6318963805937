/** The scenario that a task's options mean: written among them, or in a file that they name. */
import { type Failure, usage } from '../../platform/failure.ts'
import { fail, ok, type Result } from '../../platform/result.ts'
import { readScenarioFile } from './scenario-file.ts'
import type { Scenario } from './scenario-options.ts'
import type { ScenarioText } from './scenario-schema.ts'

export interface ScenarioOptions {
  /** The name of a file in workflows/scenarios. */
  readonly scenario?: string | undefined
  readonly inline?: ScenarioText | undefined
}

export interface ResolvedScenario {
  readonly scenario: Scenario
  /** A mistake inside it: a path of the task's options, or a failure that names the place in the scenario's file. */
  problemAt(
    path: readonly (string | number)[],
    message: string,
  ): Failure | { path: readonly (string | number)[]; message: string }
}

/** `task` names a scenario that has no name of its own. */
export function resolveScenario(
  projectDir: string,
  task: string,
  { scenario: name, inline }: ScenarioOptions,
): Result<ResolvedScenario> {
  if (name !== undefined) {
    const file = readScenarioFile(projectDir, name)
    if (!file.ok) return file
    const { scenario, failureAt } = file.value
    return ok({ scenario: named(name, scenario), problemAt: failureAt })
  }
  if (inline === undefined) return fail(usage(`Task "${task}" has neither "scenario" nor "steps"`))
  return ok({ scenario: named(task, inline), problemAt: (path, message) => ({ path, message }) })
}

const named = (name: string, text: ScenarioText): Scenario => ({
  name,
  description: text.description,
  steps: text.steps,
  probes: text.probes,
  clientTimeoutMs: text['clients-wait'] * 1000,
  budgets: text.budgets,
  mayRestart: text['may-restart'],
  skipWithout: text['skip-without'],
})
