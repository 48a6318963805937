/** Nx: each task a target of one project; its daemon runs, which is its default. */
import { spawnSync } from 'node:child_process'
import { lastLayer } from '../generated-dag.ts'
import type { InstalledPackage } from './npm-packages.ts'
import { commitAll, linkPackages, type Peer, writeInputs, writeJson } from './peer.ts'

export function nx({ dir, version, env: given }: InstalledPackage): Peer {
  const env = { ...given, NX_NO_CLOUD: 'true', NX_TUI: 'false', NX_DAEMON: 'true' }
  return {
    name: `Nx ${version} with its daemon`,
    tasksDir: '.',
    write: (projectDir, tasks) => {
      writeInputs(projectDir, tasks)
      const targets = tasks.map(({ name, command, needs, input, output }) => [
        name,
        {
          command,
          cache: true,
          dependsOn: needs,
          inputs: [`{projectRoot}/${input}`],
          outputs: [`{projectRoot}/${output}`],
        },
      ])
      writeJson(projectDir, 'package.json', { name: 'dag', private: true })
      writeJson(projectDir, 'nx.json', { neverConnectToCloud: true, analytics: false })
      writeJson(projectDir, 'project.json', {
        name: 'dag',
        targets: { all: { executor: 'nx:noop', dependsOn: lastLayer(tasks) }, ...Object.fromEntries(targets) },
      })
      linkPackages(projectDir, dir)
      commitAll(projectDir, ['.nx'], env)
    },
    run: cwd => ({ argv: [`${dir}/node_modules/.bin/nx`, 'run', 'dag:all'], cwd, env }),
    kept: ['.nx'],
    stop: cwd => void spawnSync(`${dir}/node_modules/.bin/nx`, ['reset'], { cwd, env, stdio: 'ignore' }),
    most: { tasks: 1_000, because: 'not tried' },
  }
}
