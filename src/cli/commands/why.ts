/** `k8s-ha why`: what a task would do, and what changed since its last result. */
import { type Change, type Explanation, why, whyAll } from '../../engine/why.ts'
import { ok, type Result } from '../../platform/result.ts'
import { padColumns } from '../../report/terminal/columns.ts'
import type { CommandSpec } from '../command.ts'
import { openProject } from '../open-project.ts'
import { projectOptions } from '../project-options.ts'
import { mayRunFingerprints } from '../run-fingerprints.ts'
import { withRemote } from '../with-remote.ts'

export default {
  arguments: [
    { name: '<flow>', description: 'its name, or a file that ends in .yaml or .yml', completes: 'flow' },
    { name: '[task]', description: 'the task, `compile` or `compile[IPv4]`; else all', completes: 'task' },
  ],
  assignments: true,
  options: [
    ...projectOptions,
    { flags: '--run-fingerprints', description: 'run the fingerprint commands; else nothing of the project runs' },
    { flags: '--json', description: 'as JSON, a line for each task' },
  ],

  async run(invocation) {
    const opened = await openProject(invocation, invocation.args.slice(0, 1))
    if (!opened.ok) return opened
    const [flow = '', task] = invocation.args
    const warn = (text: string) => invocation.console.err(`warning: ${text}\n`)
    const how = { runFingerprints: mayRunFingerprints(invocation.options, opened.value.project.projectDir) }
    const explained = await withRemote(opened.value, warn, project => {
      if (project.remote) project.remote.onWarning = warn
      return task === undefined ? whyAll(project, flow, how) : oneOf(why(project, flow, task, how))
    })
    if (!explained.ok) return explained
    const isJson = invocation.options.flag('json')
    const width = Math.max(...explained.value.map(one => one.task.length))
    for (const one of explained.value) {
      const text = task === undefined ? explanationLine(one, width) : renderExplanation(one)
      invocation.console.out(isJson ? `${JSON.stringify(one)}\n` : text)
    }
    return ok(0)
  },
} satisfies CommandSpec

const oneOf = async <T>(explained: Promise<Result<T>>): Promise<Result<readonly T[]>> => {
  const one = await explained
  return one.ok ? ok([one.value]) : one
}

interface Verdict extends Pick<Explanation, 'status' | 'because'> {
  readonly from: Explanation['from'] | undefined
}

const verdicts: Readonly<Record<Explanation['status'], string>> = {
  'would-execute': 'would run',
  'would-restore': 'would be restored from the cache',
  'up-to-date': 'is up to date',
  unknown: 'is not known before its needs have run',
}

/** The names of what changed are in the reason; all of them, by asking for the task. */
function explanationLine({ task, status, from, because }: Explanation, width: number): string {
  return `${padColumns(task, width)}  ${verdictOf({ status, from, because })}\n`
}

function verdictOf({ status, from, because }: Verdict): string {
  // The reason says it all.
  if (status === 'unknown' && because.endsWith('commands run')) return `is ${because}`
  const verdict = from === 'remote' ? 'would be restored from the remote cache' : verdicts[status]
  return because ? `${verdict}: ${because}` : verdict
}

function renderExplanation(explanation: Explanation): string {
  const { task, status, from, because, changes, key } = explanation
  const lines = [
    `${task} ${verdictOf({ status, from, because })}`,
    ...changes.map(change => `  ${changeText(change)}`),
    ...(key === undefined ? [] : [`  fingerprint ${key}`]),
  ]
  return `${lines.join('\n')}\n`
}

const changeText = ({ kind, name, change }: Change): string => `${change.padEnd(7)}  ${kind} ${name}`.trimEnd()
