/** `k8s-ha logs`: what a task printed, also of one that is up to date. */
import { closeSync, openSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { taskLog } from '../../engine/event-log.ts'
import { runsDir } from '../../engine/store/cache-layout.ts'
import { type TaskInRun, TaskLogs } from '../../engine/task-logs.ts'
import { sleep } from '../../platform/clock.ts'
import { failed, usage } from '../../platform/failure.ts'
import { ifThere } from '../../platform/files.ts'
import { lockHolders } from '../../platform/lock.ts'
import { fail, ok, type Result } from '../../platform/result.ts'
import { didYouMean } from '../../text/did-you-mean.ts'
import type { CommandSpec, Invocation } from '../command.ts'
import { exitCodes } from '../exit-code.ts'
import { openProject } from '../open-project.ts'
import { projectOptions } from '../project-options.ts'

const pieceBytes = 1024 * 1024
const lookEveryMs = 100

export default {
  details: 'Of a task that is up to date, or was restored: what it printed in the run that made its result.',
  arguments: [
    {
      name: '[run-or-task]',
      description: 'a run, as `k8s-ha runs` names it; else the latest that has the task',
      completes: 'logged',
    },
    { name: '[task]', description: 'the task, `compile` or `compile[IPv4]`', completes: 'logged' },
  ],
  options: [...projectOptions, { flags: '-f, --follow', description: 'go on with what it prints, until it ends' }],

  async run(invocation) {
    const opened = await openProject(invocation)
    if (!opened.ok) return opened
    const { projectDir, cacheDir } = opened.value.project
    const logs = new TaskLogs(runsDir(cacheDir))
    const found = findTask(logs, invocation.args)
    if (!found.ok) return found
    const { task, seen } = found.value
    const dir = dirWithOutput(task, seen, logs)
    if (!dir.ok) return dir
    if (dir.value !== seen.runDir) invocation.console.err(`printed in the run ${dir.value.split('/').at(-1)}\n`)
    const isOver = () =>
      logs.find(task, seen.run)?.status !== undefined || lockHolders(join(projectDir, 'cache', 'lock')).length === 0
    return print(taskLog(dir.value, task), { task, isOver, isFollowed: invocation.options.flag('follow') }, invocation)
  },
} satisfies CommandSpec

function findTask(
  logs: TaskLogs,
  args: readonly string[],
): Result<{ readonly task: string; readonly seen: TaskInRun }> {
  const [first, second] = args
  if (first === undefined) return fail(usage('Missing argument "task"', { try: 'k8s-ha logs <task>' }))
  const [run, asked] = second === undefined ? [undefined, first] : [first, second]
  if (run !== undefined && !logs.runs.includes(run))
    return fail(usage(`Unknown run "${run}"${didYouMean(run, logs.runs)}`, { try: 'k8s-ha runs   lists them' }))
  const exact = logs.find(asked, run)
  if (exact) return ok({ task: asked, seen: exact })
  const known = logs.tasks(run)
  const variants = known.filter(name => name.startsWith(`${asked}[`))
  if (variants.length > 1) return fail(usage(`"${asked}" is a matrix: name one of ${variants.slice(0, 10).join(', ')}`))
  const [task = asked] = variants
  const seen = logs.find(task, run)
  if (seen) return ok({ task, seen })
  const where = run === undefined ? 'in no run whose logs are kept' : `not in the run ${run}`
  return fail(
    usage(`Cannot find the task "${asked}": it is ${where}${didYouMean(asked, known)}`, { try: 'k8s-ha runs' }),
  )
}

/** The folder of the run in which it printed what belongs to its result. */
function dirWithOutput(task: string, { runDir, status, key }: TaskInRun, logs: TaskLogs): Result<string> {
  if (status !== 'up-to-date' && status !== 'restored') return ok(runDir)
  const maker = key === undefined ? undefined : logs.maker(task, key)
  if (maker !== undefined) return ok(maker)
  return fail(
    failed(
      `Cannot show what "${task}" printed: it was ${status === 'restored' ? 'restored' : 'up to date'}, and the run that made its result is not kept here`,
      {
        try: `k8s-ha flow … --force-task '${task}'   makes it again`,
      },
    ),
  )
}

interface Printing {
  readonly task: string
  readonly isFollowed: boolean
  /** Nothing more will come. */
  readonly isOver: () => boolean
}

async function print(
  file: string,
  { task, isFollowed, isOver }: Printing,
  invocation: Invocation,
): Promise<Result<number>> {
  const { console } = invocation
  const signal = isFollowed ? invocation.interruption().signal : undefined
  let position = 0
  for (;;) {
    // Asked first: what was printed before the end is then read.
    const over = !isFollowed || isOver()
    position = await copy(file, position, console)
    if (signal?.aborted) return ok(exitCodes.interrupted)
    if (over || !console.isRead) break
    await sleep(lookEveryMs, signal).catch(() => undefined)
  }
  if (position === 0) console.err(`"${task}" printed nothing\n`)
  return ok(0)
}

/** From a position to the end, which it gives back; a file that is not there yet is empty. */
async function copy(file: string, from: number, console: Invocation['console']): Promise<number> {
  const descriptor = ifThere(() => openSync(file, 'r'))
  if (descriptor === undefined) return from
  try {
    for (let position = from; ; ) {
      const piece = Buffer.allocUnsafe(pieceBytes)
      const length = readSync(descriptor, piece, 0, pieceBytes, position)
      if (length === 0 || !console.isRead) return position
      position += length
      console.bytes(piece.subarray(0, length))
      await console.taken()
    }
  } finally {
    closeSync(descriptor)
  }
}
