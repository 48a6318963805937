/** The projects that the user has trusted by name, in a file of the user's own. */
import { lstatSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import * as v from 'valibot'
import { writeAtomically } from '../../platform/files.ts'
import { type Environment, isOwn } from './why-foreign.ts'

interface Trusted {
  readonly projectDir: string
  readonly environment: Environment
}

/** By folder: the remote caches that it may name. Fingerprint commands and sandbox roots it may have, too. */
type TrustedProjects = Readonly<Record<string, { readonly remotes: readonly string[] }>>

const schema = v.object({
  version: v.literal(1),
  projects: v.record(v.string(), v.object({ remotes: v.array(v.string()) })),
})

export function trustFile({ XDG_STATE_HOME, HOME }: Environment): string {
  const state = XDG_STATE_HOME?.startsWith('/') ? XDG_STATE_HOME : join(resolve(HOME || homedir()), '.local/state')
  return join(state, 'k8s-ha/trusted.json')
}

export function isTrusted({ projectDir, environment }: Trusted, remote: string | undefined): boolean {
  const trusted = trustedProjects(environment)[projectDir]
  return trusted !== undefined && (remote === undefined || trusted.remotes.includes(remote))
}

/** Empty where the file is none of the user's own, or is not as it was written. */
export function trustedProjects(environment: Environment): TrustedProjects {
  const path = trustFile(environment)
  try {
    if (!lstatSync(path).isFile() || !isOwn(path, environment)) return {}
    const parsed = v.safeParse(schema, JSON.parse(readFileSync(path, 'utf8')))
    return parsed.success ? parsed.output.projects : {}
  } catch {
    return {}
  }
}

/** `remote`: what it names now. Throws what the system says. */
export function trust({ projectDir, environment }: Trusted, remote: string | undefined): void {
  const projects = trustedProjects(environment)
  const remotes = new Set([...(projects[projectDir]?.remotes ?? []), ...(remote === undefined ? [] : [remote])])
  write({ ...projects, [projectDir]: { remotes: [...remotes] } }, environment)
}

export function distrust({ projectDir, environment }: Trusted): void {
  const { [projectDir]: _, ...others } = trustedProjects(environment)
  write(others, environment)
}

const write = (projects: TrustedProjects, environment: Environment): void =>
  writeAtomically(trustFile(environment), `${JSON.stringify({ version: 1, projects }, null, 2)}\n`, 0o600)
