/** How the engine runs a task's bash text: a minimal environment, in the project's folder, as a group of its own. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { minimalEnv } from '../../platform/processes/process.ts'
import { runsInShell } from '../../platform/processes/shell-script.ts'
import { variableOf } from '../../platform/variable-of.ts'
import { quoteWord, type Script, withAssignments, withEnvironment } from '../workflow/script.ts'

/** Of one argument or variable of a program, in bytes, with room to spare: MAX_ARG_STRLEN of Linux is 128 KiB. */
const longestArgument = 120 * 1024

export interface BashCommand {
  readonly argv: readonly string[]
  /** To be added to its environment, which only its owner may read; all users may read its arguments. */
  readonly values: Readonly<Record<string, string>>
  readonly input?: string
}

/** How bash gets a script: as an argument, and its values by its environment; all by its input when that is too long. */
export function bash(script: Script): BashCommand {
  const argv = ['bash', '-euo', 'pipefail', '-c']
  const whole = withAssignments(script)
  if (Buffer.byteLength(whole) < longestArgument)
    return { argv: [...argv, withEnvironment(script)], values: script.values }
  // In one line with the script's first one, so that it counts its lines as they are.
  return { argv: [...argv, 'eval "exec </dev/null; $(cat)"'], values: {}, input: whole }
}

/** The same for a waiting shell; undefined when bash must be started for it, as for variables that bash gives a meaning. */
export function shellScript(script: Script, { env, dotenv = [] }: Variables, temporary: string): string | undefined {
  if (env.length + dotenv.length > 0) return undefined
  const whole = withAssignments(script)
  // TMPDIR is among the variables that the shell was started with, so it is passed on.
  return runsInShell(whole) ? `TMPDIR=${quoteWord(temporary)}; ${whole}` : undefined
}

/** What a task or a job says of its variables. */
export interface Variables {
  readonly env: readonly string[]
  readonly dotenv?: readonly string[]
}

export interface DeclaredVariables extends Variables {
  readonly projectDir: string
  readonly environment: Readonly<Record<string, string | undefined>>
}

export const variablesOf = (
  { env, dotenv = [] }: Variables,
  { projectDir, environment }: Pick<DeclaredVariables, 'projectDir' | 'environment'>,
): DeclaredVariables => ({ env, dotenv, projectDir, environment })

/** The declared variables that are set, and what every program may expect. */
export function taskEnv({
  temporary,
  ...variables
}: DeclaredVariables & { readonly temporary: string }): Record<string, string> {
  return { ...minimalEnv(), TMPDIR: temporary, ...declaredEnv(variables) }
}

/** Throws what the system says of a file that cannot be read. */
export function declaredEnv({ env, dotenv = [], projectDir, environment }: DeclaredVariables): Record<string, string> {
  const fromFiles: Record<string, string> = {}
  for (const path of dotenv)
    for (const [name, value = ''] of Object.entries(parsed(join(projectDir, path)))) fromFiles[name] = value
  const set = Object.fromEntries(
    env.flatMap(name => {
      const value = variableOf(environment, name)
      return value === undefined ? [] : [[name, value]]
    }),
  )
  return { ...fromFiles, ...set }
}

/** Not imported by name: that would load all that node:util has, also for a run that has nothing to do. */
const parsed = (file: string): NodeJS.Dict<string> =>
  process.getBuiltinModule('node:util').parseEnv(readFileSync(file, 'utf8'))
