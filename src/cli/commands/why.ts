/** `k8s-ha why`: what a task would do, and what changed since its last result. */
import { type Change, type Explanation, why } from '../../engine/why.ts'
import { ok } from '../../platform/result.ts'
import type { CommandSpec } from '../command.ts'
import { openProject } from '../open-project.ts'
import { projectOptions } from '../project-options.ts'
import { withRemote } from '../with-remote.ts'

export default {
  arguments: [
    { name: '<flow>', description: 'its name, or a file that ends in .yaml' },
    { name: '<task>', description: 'the task, `compile` or `compile[IPv4]`' },
  ],
  options: [...projectOptions, { flags: '--json', description: 'as JSON' }],

  async run(invocation) {
    const opened = await openProject(invocation, invocation.args[0])
    if (!opened.ok) return opened
    const [flow = '', task = ''] = invocation.args
    const explained = await withRemote(opened.value, project => {
      if (project.remote) project.remote.onWarning = text => invocation.console.err(`warning: ${text}\n`)
      return why(project, flow, task)
    })
    if (!explained.ok) return explained
    const json = invocation.options.flag('json')
    invocation.console.out(json ? `${JSON.stringify(explained.value)}\n` : renderExplanation(explained.value))
    return ok(0)
  },
} satisfies CommandSpec

const verdicts: Readonly<Record<Explanation['status'], string>> = {
  'would-execute': 'would run',
  'would-restore': 'would be restored from the cache',
  'up-to-date': 'is up to date',
  unknown: 'is not known before its needs have run',
}

function renderExplanation(explanation: Explanation): string {
  const { task, status, from, because, changes, key } = explanation
  const lines = [
    `${task} ${from === 'remote' ? 'would be restored from the remote cache' : verdicts[status]}${because ? `: ${because}` : ''}`,
    ...changes.map(change => `  ${changeText(change)}`),
    ...(key === undefined ? [] : [`  fingerprint ${key}`]),
  ]
  return `${lines.join('\n')}\n`
}

const changeText = ({ kind, name, change }: Change): string => `${change.padEnd(7)}  ${kind} ${name}`.trimEnd()
