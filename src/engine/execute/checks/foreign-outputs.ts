/** Files at the outputs of a task that no run of this project made: they are named, and not removed. */
import { join } from 'node:path'
import { type Failure, usage } from '../../../platform/failure.ts'
import { namesIn } from '../../../platform/file-names.ts'
import { placeText } from '../../../text/source-text.ts'
import { lstat } from '../../files/lstat.ts'
import { globbedFiles } from '../../files/output-files.ts'
import type { MadePlaces } from '../../store/made-places.ts'
import { placesAmong } from '../../workflow/output-globs.ts'
import type { Task } from '../../workflow/workflow.ts'
import type { RunContext } from '../run-context.ts'

const shownFiles = 3
/** So many files are looked for; there may be any number. */
const countedFiles = 1_000

type Made = Pick<RunContext, 'project' | 'how' | 'places' | 'state'>

/** Of a task that will make its outputs, by running or by restoring. */
export function foreignOutputs(task: Task, { project, how, places, state }: Made): readonly Failure[] {
  if (how.adopt) return []
  // Projects that ran before places were noted.
  const isKnown = state.get(task)?.output !== undefined
  const inPlaces = placesAmong(task.outputs).flatMap(output => {
    if (isKnown || places.has(output)) return []
    const files = foreignFiles(project.projectDir, output, places)
    return files.length === 0 ? [] : [refusal(task, output, files)]
  })
  const globbed = globbedFiles(project.projectDir, task.outputs).filter(file => !places.has(file))
  return globbed.length === 0 ? inPlaces : [...inPlaces, refusalOfGlobbed(task, globbed)]
}

function refusalOfGlobbed(task: Task, files: readonly string[]): Failure {
  const made = files.length === 1 ? 'that' : 'those'
  return usage(`Cannot run "${task.name}": its outputs match ${shownOf(files)}: no run of this project made ${made}`, {
    at: placeText(task.place),
    try: `move it away, or exclude it ("!${files[0]}"); --adopt lets the run replace it`,
  })
}

function shownOf(files: readonly string[]): string {
  const shown = files.slice(0, shownFiles).map(file => JSON.stringify(file))
  const more = files.length - shown.length
  const count = files.length >= countedFiles ? `${countedFiles}` : `${more}`
  return `${shown.join(', ')}${more > 0 ? ` and ${count} more` : ''}`
}

function refusal(task: Task, output: string, files: readonly string[]): Failure {
  const what = files.length === 1 && files[0] === output ? 'is' : `holds ${shownOf(files)}:`
  const made = what === 'is' ? 'there already, and no run of this project made it' : 'no run of this project made that'
  return usage(`Cannot run "${task.name}": its output "${output}" ${what} ${made}`, {
    at: placeText(task.place),
    try: 'move it away, or name another output; --adopt lets the run replace it',
  })
}

/** Empty folders are nobody's. */
function foreignFiles(projectDir: string, path: string, places: MadePlaces): readonly string[] {
  const found: string[] = []
  const open = [path]
  for (let at = open.pop(); at !== undefined && found.length < countedFiles; at = open.pop()) {
    const stat = lstat(projectDir, at)
    if (!stat || places.has(at)) continue
    if (!stat.isDirectory()) found.push(at)
    else for (const name of namesIn(join(projectDir, at)).toReversed()) open.push(`${at}/${name}`)
  }
  return found
}
