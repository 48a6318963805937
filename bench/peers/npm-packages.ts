/** Installs peers from npm, each into a folder of its own, beside the project and never as a part of it. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export interface InstalledPackage {
  /** Holds node_modules. */
  readonly dir: string
  readonly version: string
  readonly env: Readonly<Record<string, string>>
}

/** Why it could not be installed, as text, when it could not. Install scripts are not run. */
export function installPackage(
  parent: string,
  [name, version]: readonly [name: string, version: string],
  env: Readonly<Record<string, string>>,
): InstalledPackage | string {
  const dir = join(parent, `${name.replace('/', '-')}-${version}`)
  mkdirSync(dir)
  writeFileSync(join(dir, 'package.json'), '{"private": true}\n')
  const argv = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error', `${name}@${version}`]
  // With the user's own settings: they may name the registry.
  const { status, stderr, error } = spawnSync('npm', argv, { cwd: dir, encoding: 'utf8' })
  if (error || status !== 0) return `npm cannot install ${name}@${version}: ${error?.message ?? stderr.trim()}`
  return { dir, version, env }
}
