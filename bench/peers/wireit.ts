/** wireit: each task a script of one package; a script without a command stands for all. */
import { lastLayer } from '../generated-dag.ts'
import type { InstalledPackage } from './npm-packages.ts'
import { linkPackages, type Peer, writeInputs, writeJson } from './peer.ts'
export function wireit({ dir, version, env }: InstalledPackage): Peer {
  return {
    name: `wireit ${version}`,
    tasksDir: '.',
    write: (projectDir, tasks) => {
      writeInputs(projectDir, tasks)
      const scripts = tasks.map(({ name, command, needs, input, output }) => [
        name,
        { command, dependencies: needs, files: [input], output: [output] },
      ])
      writeJson(projectDir, 'package.json', {
        name: 'dag',
        private: true,
        type: 'module',
        scripts: Object.fromEntries(['all', ...tasks.map(({ name }) => name)].map(name => [name, 'wireit'])),
        wireit: { all: { dependencies: lastLayer(tasks) }, ...Object.fromEntries(scripts) },
      })
      linkPackages(projectDir, dir)
    },
    run: cwd => ({ argv: ['npm', 'run', 'all'], cwd, env: { ...env, WIREIT_LOGGER: 'simple' } }),
    kept: ['.wireit'],
    most: { tasks: 1_000, because: 'its time grows faster than the number of tasks' },
  }
}
