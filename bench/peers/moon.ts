/** moon: each task a task of one project. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type GeneratedTask, lastLayer } from '../generated-dag.ts'
import type { InstalledPackage } from './npm-packages.ts'
import { commitAll, linkPackages, type Peer, writeInputs } from './peer.ts'

export function moon({ dir, version, env }: InstalledPackage): Peer {
  return {
    name: `moon ${version}`,
    tasksDir: '.',
    write: (projectDir, tasks) => {
      writeInputs(projectDir, tasks)
      mkdirSync(join(projectDir, '.moon'))
      writeFileSync(join(projectDir, '.moon/workspace.yml'), 'projects:\n  dag: .\ntelemetry: false\n')
      writeFileSync(join(projectDir, 'moon.yml'), `language: unknown\ntasks:\n${tasks.map(taskText).join('')}`)
      linkPackages(projectDir, dir)
      commitAll(projectDir, ['.moon/cache'], env)
    },
    run: (cwd, tasks) => ({
      argv: [`${dir}/node_modules/.bin/moon`, 'run', ...lastLayer(tasks).map(name => `dag:${name}`)],
      cwd,
      env,
    }),
    kept: ['.moon/cache'],
    most: { tasks: 1_000, because: 'not tried' },
  }
}

function taskText({ name, command, needs, input, output }: GeneratedTask): string {
  return [
    `  ${name}:`,
    `    script: '${command}'`,
    `    deps: [${needs.map(need => `'~:${need}'`).join(', ')}]`,
    `    inputs: ['${input}']`,
    `    outputs: ['${output}']`,
    '',
  ].join('\n')
}
