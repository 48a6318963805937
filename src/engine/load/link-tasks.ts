/** What tasks need of each other: names resolved, owners of outputs compared, cycles named, an order found. */
import { didYouMean } from '../../text/did-you-mean.ts'
import { upwards } from '../workflow/project-path.ts'
import { orderTasks } from '../workflow/task-graph.ts'
import type { Task } from '../workflow/workflow.ts'
import type { WrittenTask } from './expand-tasks.ts'

/** The tasks in an order that respects needs; problems go to the files. */
export function linkTasks(written: readonly WrittenTask[]): Task[] {
  const linked = addClean(resolveNeeds(written).filter(({ absent }) => !absent))
  const tasks = linked.map(({ task }) => task)
  const order = orderTasks(tasks)
  if ('cycle' in order) {
    const at = linked.find(({ task }) => task.name === order.cycle[0])
    at?.file.problem(`Tasks need each other in a circle: ${order.cycle.join(' → ')}`, ['tasks', at.base, 'needs'])
    return []
  }
  checkOwners(linked)
  return order.tasks
}

/** A need that names a matrix task means all of its variants. */
function resolveNeeds(written: readonly WrittenTask[]): WrittenTask[] {
  const variants = new Map<string, string[]>()
  for (const { base, task } of written) {
    const known = variants.get(base)
    if (base !== task.name && known) known.push(task.name)
    else variants.set(base, [task.name])
    if (base !== task.name) variants.set(task.name, [task.name])
  }
  const absent = new Set(written.filter(entry => entry.absent).flatMap(({ base, task }) => [base, task.name]))
  const reported = new Set<string>()
  return written.map(entry => {
    const { task, file, base } = entry
    const needs = new Set<string>()
    for (const need of task.needs) {
      if (!absent.has(need)) for (const name of variants.get(need) ?? []) needs.add(name)
      if (variants.has(need) || reported.has(`${base} ${need}`)) continue
      reported.add(`${base} ${need}`)
      const key = need === task.cleans ? 'cleans' : need === task.sandbox?.root ? 'sandbox' : 'needs'
      const index = (file.raw.tasks?.[base]?.needs ?? []).indexOf(need)
      file.problem(`Unknown task "${need}"${didYouMean(need, variants.keys())}`, [
        'tasks',
        base,
        key,
        ...(key === 'needs' && index >= 0 ? [index] : []),
      ])
    }
    const cleaned = task.cleans === undefined ? [] : (variants.get(task.cleans) ?? [])
    if (cleaned.length > 1)
      file.problem(`"cleans" names a matrix: name one of ${cleaned.slice(0, 3).join(', ')}`, ['tasks', base, 'cleans'])
    return { ...entry, task: { ...task, needs: [...needs] } }
  })
}

/** A clean-up task comes after every task that depends, directly or not, on the one that it cleans up after. */
function addClean(written: readonly WrittenTask[]): WrittenTask[] {
  if (!written.some(({ task }) => task.cleans !== undefined)) return [...written]
  const dependents = new Map<string, Task[]>()
  for (const { task } of written)
    for (const need of task.needs) {
      const list = dependents.get(need)
      if (list) list.push(task)
      else dependents.set(need, [task])
    }
  return written.map(entry => {
    const { cleans } = entry.task
    if (cleans === undefined) return entry
    const after = new Set<string>()
    const queue = [cleans]
    for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
      for (const dependent of dependents.get(name) ?? []) {
        // Those that clean up after the same task, and what follows them, come in any order.
        if (dependent.cleans === cleans || after.has(dependent.name)) continue
        after.add(dependent.name)
        queue.push(dependent.name)
      }
    }
    return { ...entry, task: { ...entry.task, after: [...after].filter(name => !entry.task.needs.includes(name)) } }
  })
}

function checkOwners(written: readonly WrittenTask[]): void {
  const owners = new Map<string, WrittenTask>()
  for (const entry of written) {
    for (const [index, output] of entry.task.outputs.entries()) {
      const other = owners.get(output)
      if (other) reportOverlap(entry, index, other, output)
      else owners.set(output, entry)
    }
  }
  for (const [output, entry] of owners) {
    for (const folder of upwards(output)) {
      const other = folder === output ? undefined : owners.get(folder)
      if (other) reportOverlap(entry, entry.task.outputs.indexOf(output), other, folder)
    }
  }
  const byName = new Map(written.map(entry => [entry.task.name, entry.task]))
  for (const entry of written) checkInputs(entry, owners, byName)
}

function reportOverlap(entry: WrittenTask, index: number, other: WrittenTask, folder: string): void {
  const output = entry.task.outputs[index] ?? ''
  const what = output === folder ? `"${output}"` : `"${output}" lies in "${folder}", which`
  entry.file.problem(
    output === folder
      ? `Tasks "${other.task.name}" and "${entry.task.name}" both own the output ${what}`
      : `Output ${what} is an output of task "${other.task.name}"`,
    ['tasks', entry.base, 'outputs', index],
  )
}

/** An input that another task makes must come after that task, else its content would be a matter of luck. */
function checkInputs(
  { task, file, base }: WrittenTask,
  owners: ReadonlyMap<string, WrittenTask>,
  byName: ReadonlyMap<string, Task>,
): void {
  for (const [index, input] of task.inputs.entries()) {
    if (input.startsWith('!') || /[*?{}[\]]/.test(input)) continue
    for (const folder of upwards(input)) {
      const owner = owners.get(folder)?.task.name
      if (owner === undefined || dependsOn(task, owner, byName)) continue
      const own = owner === task.name
      file.problem(
        own
          ? `Input "${input}" is the task's own output`
          : `Input "${input}" is made by task "${owner}", which is not among its needs`,
        ['tasks', base, 'inputs', index],
      )
    }
  }
}

export function dependsOn(task: Task, on: string, byName: ReadonlyMap<string, Task>): boolean {
  if (task.needs.includes(on)) return true
  const seen = new Set<string>()
  const queue = [...task.needs]
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    if (name === on) return true
    if (seen.has(name)) continue
    seen.add(name)
    queue.push(...(byName.get(name)?.needs ?? []))
  }
  return false
}
