/** The package repositories that this machine's apt is set up with. */
import { minimalEnv, runChecked } from '../../src/platform/processes/process.ts'
import { ok, type Result } from '../../src/platform/result.ts'

export interface AptRepository {
  /** Without a slash at its end. */
  readonly uri: string
  /** As in the list of sources: "bookworm", "bookworm-security". */
  readonly suite: string
  readonly component: string
}

const format = '$(CREATED_BY)|$(REPO_URI)|$(RELEASE)|$(COMPONENT)'

/** In apt's order; works before the first `apt-get update` too. */
export async function aptRepositories(signal: AbortSignal): Promise<Result<readonly AptRepository[]>> {
  const listed = await runChecked(['apt-get', 'indextargets', '--format', format], { signal, env: minimalEnv() })
  return listed.ok ? ok(parseIndexTargets(listed.value.stdout)) : listed
}

export function parseIndexTargets(text: string): readonly AptRepository[] {
  const repositories = new Map<string, AptRepository>()
  for (const line of text.split('\n')) {
    const [createdBy, uri, suite, component] = line.split('|')
    if (createdBy !== 'Packages' || !uri || !suite || !component) continue
    repositories.set(line, { uri: uri.replace(/\/+$/, ''), suite, component })
  }
  return [...repositories.values()]
}
