/** The run's tasks as a drawing, each with how it ended; scenarios lead to their section. */
import { formatDuration } from '../format-duration.ts'
import type { ReadRun, RunTask } from '../read-run.ts'
import { type DrawnTask, taskGraphSvg } from '../task-graph-svg.ts'
import { type Html, html, trusted } from './markup.ts'

const most = 400

export async function graphCard(run: ReadRun, anchors: ReadonlyMap<string, string>): Promise<Html | undefined> {
  const { tasks } = run
  if (tasks.length === 0 || tasks.every(({ needs }) => needs.length === 0)) return undefined
  if (tasks.length > most)
    return html`<section class="card"><h2>Tasks</h2><p>${tasks.length} tasks: too many to draw.</p></section>`
  const verdicts = new Map(run.scenarios.map(({ record }) => [record.task, record.verdict]))
  const drawn = tasks.map((task): DrawnTask => {
    const state = stateOf(task, verdicts.get(task.name))
    const anchor = anchors.get(task.name)
    return {
      name: task.name,
      needs: task.needs,
      after: task.after,
      text: textOf(task, verdicts.get(task.name)),
      state,
      ...(anchor === undefined ? {} : { link: `#${anchor}` }),
    }
  })
  const svg = await taskGraphSvg(drawn, { title: `Tasks of ${run.flow} and what needs what`, standalone: false })
  return html`<section class="card" aria-labelledby="tasks"><h2 id="tasks">Tasks</h2><div class="graph" style="--w:${widthOf(svg)}" tabindex="0" role="group" aria-label="Drawing of the tasks">${trusted(svg)}</div></section>`
}

/** Its natural width: it may shrink to fit a window, but not so far that it cannot be read. */
const widthOf = (svg: string): string => `${Math.round(Number(/ width="(\d+)/.exec(svg)?.[1] ?? 800) * 1.25)}px`

function stateOf({ status }: RunTask, verdict: string | undefined): string {
  if (verdict === 'not judged') return 'skipped'
  if (verdict === 'failed' || verdict === 'interrupted' || status === 'failed') return 'failed'
  if (verdict === 'skipped' || status === 'skipped' || status === 'cancelled') return 'skipped'
  return status === 'executed' || verdict === 'passed' || verdict === 'caught' ? 'passed' : 'idle'
}

function textOf({ status, durationMs }: RunTask, verdict: string | undefined): string {
  const word = verdict ?? (status === 'executed' ? 'done' : (status ?? 'not ended').replaceAll('-', ' '))
  return status === 'executed' || status === 'failed' ? `${word} · ${formatDuration(durationMs ?? 0)}` : word
}
