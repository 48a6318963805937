/** ninja and GNU make: they compare times and keep no results, so they do less; how near to them is an engine that does? */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { GeneratedTask } from '../generated-dag.ts'
import type { InstalledProgram } from './debian-packages.ts'
import { type Peer, writeInputs } from './peer.ts'

const most = { tasks: Number.POSITIVE_INFINITY, because: '' }

export function ninja({ program, version, env }: InstalledProgram): Peer {
  const text = ({ command, needs, input, output }: GeneratedTask) =>
    `build ${output}: task ${input} | ${outputsOf(needs)}\n  command = ${command}\n`
  return {
    name: `ninja ${version}`,
    tasksDir: '.',
    write: (projectDir, tasks) => {
      writeInputs(projectDir, tasks)
      const rule = 'rule task\n  command = $command\n'
      writeFileSync(join(projectDir, 'build.ninja'), rule + tasks.map(text).join(''))
    },
    run: cwd => ({ argv: [program], cwd, env }),
    kept: ['.ninja_log', '.ninja_deps'],
    most,
  }
}

export function make({ program, version, env }: InstalledProgram, jobs: number): Peer {
  const text = ({ command, needs, input, output }: GeneratedTask) =>
    `${output}: ${input} ${outputsOf(needs)}\n\t@${command}\n`
  return {
    name: `GNU make ${version}`,
    tasksDir: '.',
    write: (projectDir, tasks) => {
      writeInputs(projectDir, tasks)
      const all = `all: ${tasks.map(({ output }) => output).join(' ')}\n`
      writeFileSync(join(projectDir, 'Makefile'), all + tasks.map(text).join(''))
    },
    run: cwd => ({ argv: [program, `-j${jobs}`], cwd, env }),
    kept: [],
    most,
  }
}

const outputsOf = (names: readonly string[]): string => names.map(name => `out/${name.slice(1)}.txt`).join(' ')
