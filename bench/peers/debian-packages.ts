/** Peers that Debian packages; what is missing is installed through apt. */
import { spawnSync } from 'node:child_process'

export interface InstalledProgram {
  readonly program: string
  readonly version: string
  readonly env: Readonly<Record<string, string>>
}

/** Why it is not there, as text, when it is not. */
export function installProgram(
  program: string,
  packageName: string,
  env: Readonly<Record<string, string>>,
): InstalledProgram | string {
  const found = versionOf(program)
  if (found !== undefined) return { program, version: found, env }
  const argv = ['install', '--yes', '--no-install-recommends', packageName]
  const { status, stderr, error } = spawnSync('apt-get', argv, { encoding: 'utf8' })
  const version = versionOf(program)
  if (version === undefined)
    return `apt-get cannot install ${packageName}: ${error?.message ?? (stderr.trim() || `exit code ${status}`)}`
  return { program, version, env }
}

function versionOf(program: string): string | undefined {
  const { stdout, status } = spawnSync(program, ['--version'], { encoding: 'utf8' })
  return status === 0 ? /\d+(\.\d+)+/.exec(stdout)?.[0] : undefined
}
