/** A project whose tasks are trivial and many: layers of 10, each task needs two of the layer before. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const width = 10

export interface GeneratedTask {
  /** `t7` */
  readonly name: string
  readonly needs: readonly string[]
  /** `in/7.txt`, `out/7.txt`: relative to the project. */
  readonly input: string
  readonly output: string
  /** For a shell in the project's folder. */
  readonly command: string
}

/** In an order that respects needs. */
export function generateTasks(count: number): readonly GeneratedTask[] {
  return Array.from({ length: count }, (_, index) => {
    const [input, output] = [`in/${index}.txt`, `out/${index}.txt`]
    return { name: `t${index}`, needs: needsOf(index), input, output, command: `cat ${input} > ${output}` }
  })
}

function needsOf(index: number): readonly string[] {
  if (index < width) return []
  const layerBefore = index - (index % width) - width
  return [layerBefore + (index % width), layerBefore + ((index + 1) % width)].map(number => `t${number}`)
}

/** Names of those that, with all that they need, are every task. */
export const lastLayer = (tasks: readonly GeneratedTask[]): readonly string[] =>
  tasks.slice(-width).map(({ name }) => name)

/**
 * Writes the inputs, the workflow `dag`, and `commands`: a line for each task, in order, as `xargs -d '\n' -I{} sh -c {}`
 * takes them. The folder out/ is there, so that the commands run without any engine.
 */
export function writeGeneratedDag(projectDir: string, count: number): readonly GeneratedTask[] {
  const tasks = generateTasks(count)
  for (const folder of ['in', 'out', 'workflows']) mkdirSync(join(projectDir, folder), { recursive: true })
  for (const { name, input } of tasks) writeFileSync(join(projectDir, input), `input of ${name}\n`)
  writeFileSync(join(projectDir, 'k8s-ha.yaml'), '')
  writeFileSync(join(projectDir, 'workflows/dag.yaml'), workflowOf(tasks))
  writeFileSync(join(projectDir, 'commands'), tasks.map(({ command }) => `${command}\n`).join(''))
  return tasks
}

function workflowOf(tasks: readonly GeneratedTask[]): string {
  const texts = tasks.map(({ name, needs, input, output, command }) =>
    [
      `  ${name}:`,
      `    run: ${command}`,
      ...(needs.length > 0 ? [`    needs: [${needs.join(', ')}]`] : []),
      `    inputs: [${input}]`,
      `    outputs: [${output}]`,
    ].join('\n'),
  )
  return `tasks:\n${texts.join('\n')}\n`
}

if (import.meta.main) {
  const [projectDir, count] = process.argv.slice(2)
  if (projectDir === undefined || !(Number(count) > 0)) {
    process.stderr.write('usage: node bench/generated-dag.ts <folder> <number of tasks>\n')
    process.exitCode = 2
  } else writeGeneratedDag(projectDir, Number(count))
}
