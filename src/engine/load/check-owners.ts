/** Outputs that two tasks own, and inputs that a task owns which is not among the needs. */
import { globsAmong, type OutputGlobs, placesAmong } from '../workflow/output-globs.ts'
import { OutputOwners } from '../workflow/output-owners.ts'
import { upwards } from '../workflow/project-path.ts'
import { reachable } from '../workflow/reachable.ts'
import type { Task } from '../workflow/workflow.ts'
import type { WrittenTask } from './expand-tasks.ts'

/** Problems go to the files. Of globs that overlap, those are found of which it can be known before they match anything. */
export function checkOwners(written: readonly WrittenTask[], byName: ReadonlyMap<string, Task>): void {
  const places = new Map<string, WrittenTask>()
  for (const entry of written) {
    for (const output of placesAmong(entry.task.outputs)) {
      const other = places.get(output)
      if (other) reportOverlap(entry, entry.task.outputs.lastIndexOf(output), other, output)
      else places.set(output, entry)
    }
  }
  for (const [output, entry] of places) {
    for (const folder of upwards(output)) {
      const other = folder === output ? undefined : places.get(folder)
      if (other) reportOverlap(entry, entry.task.outputs.indexOf(output), other, folder)
    }
  }
  const owners = new OutputOwners([...byName.values()])
  const reported = new Set<string>()
  for (const entry of written) checkGlobs(entry, owners, reported)
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

/** A place that a glob of another task matches; a glob of which a path that it matches belongs to another task, too. */
function checkGlobs({ task, file, base }: WrittenTask, owners: OutputOwners, reported: Set<string>): void {
  const globs = globsAmong(task.outputs)
  for (const [index, output] of task.outputs.entries()) {
    if (output.startsWith('!')) continue
    const isGlob = globs?.patterns.includes(output) ?? false
    for (const path of isGlob && globs ? samplesOf(output, globs) : [output]) {
      const all = isGlob ? owners.all(path) : owners.byGlobs(path)
      const other = [...all].find(name => name !== task.name)
      const pair = JSON.stringify([task.name, other].sort())
      if (other === undefined || reported.has(pair)) continue
      reported.add(pair)
      const message = `Tasks "${other}" and "${task.name}" both own "${path}", by their outputs`
      file.problem(message, ['tasks', base, 'outputs', index])
    }
  }
}

/** Paths that the glob matches, and that are not excluded: one with nothing for each `**`, one with a folder. */
function samplesOf(glob: string, globs: OutputGlobs): readonly string[] {
  const texts = ['', 'x/'].map(folder =>
    glob
      .replaceAll('**/', folder)
      .replaceAll(/[@+]?[{(]([^,|{}()]*)[^{}()]*[})]/g, '$1')
      .replaceAll(/\[\^?(.)[^\]]*\]/g, '$1')
      .replaceAll(/\*+|\?/g, 'x'),
  )
  return texts.filter(text => globs.own(text))
}

/** An input that another task makes must come after that task, else its content would be a matter of luck. */
function checkInputs({ task, file, base }: WrittenTask, owners: OutputOwners, byName: ReadonlyMap<string, Task>): void {
  const needsOf = (name: string) => byName.get(name)?.needs ?? []
  for (const [index, input] of task.inputs.entries()) {
    if (input.startsWith('!') || /[*?{}[\]]/.test(input)) continue
    for (const owner of owners.all(input)) {
      if (task.needs.includes(owner) || reachable(task.needs, needsOf).has(owner)) continue
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
