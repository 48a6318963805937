/** How the engine runs a task's bash text: a minimal environment, in the project's folder, as a group of its own. */

import { minimalEnv } from '../../platform/processes/process.ts'
import { runsInShell } from '../../platform/processes/shell-script.ts'
import { variableOf } from '../../platform/variable-of.ts'
import { quoteWord } from '../load/shell-places.ts'

/** Of one argument of a program, in bytes, with room to spare: MAX_ARG_STRLEN of Linux is 128 KiB. */
const longestArgument = 120 * 1024

/** How bash gets a script: as an argument, or by its input when that is too long for one. */
export function bash(script: string): { readonly argv: readonly string[]; readonly input?: string } {
  const argv = ['bash', '-euo', 'pipefail', '-c']
  if (Buffer.byteLength(script) < longestArgument) return { argv: [...argv, script] }
  // In one line with the script's first one, so that it counts its lines as they are.
  return { argv: [...argv, 'eval "exec </dev/null; $(cat)"'], input: script }
}

/** The same for a waiting shell; undefined when bash must be started for it, as for variables that bash gives a meaning. */
export function shellScript(script: string, declared: readonly string[], temporary: string): string | undefined {
  // TMPDIR is among the variables that the shell was started with, so it is passed on.
  return declared.length === 0 && runsInShell(script) ? `TMPDIR=${quoteWord(temporary)}; ${script}` : undefined
}

export interface TaskEnvironment {
  readonly declared: readonly string[]
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly temporary: string
}

/** The declared variables that are set, and what every program may expect. */
export function taskEnv({ declared, environment, temporary }: TaskEnvironment): Record<string, string> {
  return { ...minimalEnv(), TMPDIR: temporary, ...declaredEnv(declared, environment) }
}

export function declaredEnv(
  declared: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  return Object.fromEntries(
    declared.flatMap(name => {
      const value = variableOf(environment, name)
      return value === undefined ? [] : [[name, value]]
    }),
  )
}
