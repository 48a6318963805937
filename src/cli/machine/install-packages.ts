/** Installs Debian packages on the host, or shows the command that does. */
import { environment as lacking, lastLines } from '../../platform/failure.ts'
import { minimalEnv, runProcess } from '../../platform/processes/process.ts'
import { done, fail, type Result } from '../../platform/result.ts'
import { findTool } from './host-tools.ts'

export interface InstallOptions {
  /** False: only show the command. */
  readonly allowed: boolean
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly signal: AbortSignal
  readonly say: (text: string) => void
}

const arguments_ = ['install', '-y', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=300']

export const isRoot = (): boolean => process.getuid?.() === 0

export async function installPackages(packages: readonly string[], options: InstallOptions): Promise<Result<void>> {
  const list = packages.join(' ')
  const command = `${isRoot() ? '' : 'sudo '}apt-get install -y ${list}`
  const lack = `Cannot go on: this machine lacks ${packages.join(', ')}`
  if (findTool('apt-get') === undefined)
    return fail(lacking(`${lack}, and has no apt-get`, { try: `install these packages, named as in Debian: ${list}` }))
  if (!options.allowed) return fail(lacking(`${lack}, and --no-install forbids installing`, { try: command }))
  if (!isRoot()) return fail(lacking(lack, { try: command }))
  options.say(`installing what this machine lacks: ${list} (apt-get; --no-install forbids it)`)
  const first = await apt(arguments_.concat(packages), options)
  if (first === undefined) return done
  // The list of packages may never have been fetched, or be older than what the mirror keeps.
  const update = await apt(['update'], options)
  const second = update ?? (await apt(arguments_.concat(packages), options))
  return second === undefined ? done : fail(lacking(`${lack}, and apt-get failed`, { last: second, try: command }))
}

/** Undefined when it went well, else what it said. */
async function apt(argv: readonly string[], { environment, signal }: InstallOptions): Promise<string | undefined> {
  const inherited = Object.entries(environment).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]))
  const env = { ...Object.fromEntries(inherited), ...minimalEnv(), DEBIAN_FRONTEND: 'noninteractive' }
  const result = await runProcess(['apt-get', ...argv], { env, signal })
  if (!result.ok) return result.failure.message
  const { exitCode, stdout, stderr } = result.value
  return exitCode === 0 ? undefined : lastLines(stderr || stdout, 6)
}
