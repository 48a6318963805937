/** Turborepo: all tasks as scripts of one package, which is less work for it than a package for each. */
import { spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type GeneratedTask, lastLayer } from '../generated-dag.ts'
import type { InstalledPackage } from './npm-packages.ts'
import { commitAll, linkPackages, type Peer, writeInputs, writeJson } from './peer.ts'

interface Kind {
  /** Whether its `run` still asks a daemon: up to 2.8.10. That wants a workspace, though one package is enough. */
  readonly daemon: boolean
  /** Past the launcher in node_modules/.bin, which is a program for Node. */
  readonly native?: boolean
}

export function turborepo({ dir, version, env: given }: InstalledPackage, { daemon, native }: Kind): Peer {
  const env = { ...given, TURBO_TELEMETRY_DISABLED: '1', TURBO_NO_UPDATE_NOTIFIER: '1', DO_NOT_TRACK: '1' }
  const binary = `node_modules/@turbo/linux-${process.arch === 'arm64' ? 'arm64' : '64'}/bin/turbo`
  const tellDaemon = (what: string) => (cwd: string) =>
    void spawnSync(turbo, ['daemon', what], { cwd, env, stdio: 'ignore' })
  const turbo = join(dir, native ? binary : 'node_modules/.bin/turbo')
  return {
    name: `Turborepo ${version}${daemon ? ' with its daemon' : ''}${native ? ', its binary' : ''}`,
    tasksDir: daemon ? 'packages/dag' : '.',
    write: (projectDir, tasks) => {
      if (daemon) writeWorkspace(projectDir, tasks)
      else writePackage(projectDir, tasks)
      writeJson(projectDir, 'turbo.json', {
        tasks: Object.fromEntries(
          tasks.map(({ name, needs, input, output }) => [
            name,
            { dependsOn: needs, inputs: [input], outputs: [output] },
          ]),
        ),
      })
      linkPackages(projectDir, dir)
      commitAll(projectDir, ['.turbo'], env)
    },
    run: (projectDir, tasks) => ({
      argv: [turbo, 'run', ...lastLayer(tasks), '--output-logs=none', ...(daemon ? ['--daemon'] : [])],
      cwd: projectDir,
      env,
    }),
    kept: ['.turbo'],
    noFirstRun: native === true,
    ...(daemon ? { start: tellDaemon('start'), stop: tellDaemon('stop') } : {}),
    most: { tasks: 1_000, because: 'its first run starts npm for each task' },
  }
}

const packageManager = 'npm@11.0.0'

const scriptsOf = (tasks: readonly GeneratedTask[]) =>
  Object.fromEntries(tasks.map(({ name, command }) => [name, command]))

function writePackage(projectDir: string, tasks: readonly GeneratedTask[]): void {
  writeInputs(projectDir, tasks)
  writeJson(projectDir, 'package.json', { name: 'dag', private: true, packageManager, scripts: scriptsOf(tasks) })
  writeJson(projectDir, 'package-lock.json', { name: 'dag', lockfileVersion: 3, packages: { '': { name: 'dag' } } })
}

function writeWorkspace(projectDir: string, tasks: readonly GeneratedTask[]): void {
  const packageDir = join(projectDir, 'packages/dag')
  const root = { name: 'root', workspaces: ['packages/*'] }
  const dag = { name: 'dag', version: '1.0.0' }
  mkdirSync(packageDir, { recursive: true })
  writeInputs(packageDir, tasks)
  writeJson(packageDir, 'package.json', { ...dag, private: true, scripts: scriptsOf(tasks) })
  writeJson(projectDir, 'package.json', { ...root, private: true, packageManager })
  writeJson(projectDir, 'package-lock.json', {
    name: 'root',
    lockfileVersion: 3,
    packages: { '': root, 'node_modules/dag': { resolved: 'packages/dag', link: true }, 'packages/dag': dag },
  })
}
