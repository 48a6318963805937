/** `k8s-ha cache`: what it holds, whether that is sound, and getting rid of it. */
import { pruneBuilds } from '../../../tasks/programs/prune-builds.ts'
import {
  type CacheStats,
  cacheClear,
  cachePrune,
  cacheStats,
  cacheVerify,
  type PruneReport,
} from '../../engine/cache-admin.ts'
import { usage } from '../../platform/failure.ts'
import { fail, ok, type Result } from '../../platform/result.ts'
import { pruneLayers } from '../../sandbox/prune-layers.ts'
import type { CommandSpec, Invocation } from '../command.ts'
import { exitCodes } from '../exit-code.ts'
import { openProject } from '../open-project.ts'
import { formatSize, parseAge, parseSize } from '../parse-size.ts'
import { projectOptions } from '../project-options.ts'

const json = { flags: '--json', description: 'as JSON' }
const dryRun = { flags: '--dry-run', description: 'show what would be removed; change nothing' }

export default {
  commands: {
    stats: { summary: 'sizes, hits, and the largest results by task', options: [...projectOptions, json], run: stats },
    verify: { summary: 'read everything, and remove what is damaged', options: [...projectOptions, json], run: verify },
    prune: {
      summary: 'remove what was not used for longest',
      options: [
        ...projectOptions,
        { flags: '--max-size <size>', description: 'what may stay, for example 10GiB; else the setting cache.maxSize' },
        { flags: '--max-age <age>', description: 'what was not used for so long goes, for example 30d' },
        dryRun,
        json,
      ],
      run: prune,
    },
    clear: {
      summary: 'remove all results; the logs of runs stay',
      options: [...projectOptions, dryRun, json],
      run: clear,
    },
  },
} satisfies CommandSpec

async function stats(invocation: Invocation): Promise<Result<number>> {
  const opened = await openProject(invocation)
  if (!opened.ok) return opened
  const read = await cacheStats(opened.value.project.cacheDir)
  if (!read.ok) return read
  const { sizeBytes, records, blobs, byTask, hits } = read.value
  const width = Math.max(0, ...byTask.map(({ task }) => task.length))
  return print(invocation, read.value, [
    `${formatSize(sizeBytes)} in ${opened.value.project.cacheDir}: ${count(records, 'result')}, ${count(blobs, 'file')}`,
    `${hitRate(hits)}${hits.upToDate} up to date, ${hits.restored} restored, ${hits.executed} executed, over the runs whose logs are kept`,
    ...byTask.map(
      row => `  ${row.task.padEnd(width)}  ${formatSize(row.sizeBytes).padStart(10)}  ${count(row.records, 'result')}`,
    ),
  ])
}

const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? '' : 's'}`

/** "75 % hits: "; nothing when nothing has run. */
function hitRate({ upToDate, restored, executed }: CacheStats['hits']): string {
  const all = upToDate + restored + executed
  return all === 0 ? '' : `${Math.floor((100 * (upToDate + restored)) / all)} % hits: `
}

async function verify(invocation: Invocation): Promise<Result<number>> {
  const opened = await openProject(invocation)
  if (!opened.ok) return opened
  const verified = await cacheVerify(opened.value.project.cacheDir, invocation.interruption().signal)
  if (!verified.ok) return verified
  const { checked, checkedBytes, problems } = verified.value
  const damaged = problems.length === 0 ? 'all sound' : `${problems.length} damaged, removed: they will be made again`
  print(invocation, verified.value, [
    ...problems.map(problem => `damaged: ${problem}`),
    `${count(checked, 'file')}, ${formatSize(checkedBytes)}: ${damaged}`,
  ])
  return ok(problems.length === 0 ? 0 : exitCodes.failed)
}

async function prune(invocation: Invocation): Promise<Result<number>> {
  const opened = await openProject(invocation)
  if (!opened.ok) return opened
  const sizeText = invocation.options.text('maxSize') ?? opened.value.settings.get('cache.maxSize')?.value ?? ''
  const maxSizeBytes = parseSize(sizeText)
  if (maxSizeBytes === undefined) return fail(usage(`Cannot use "${sizeText}" as a size`, { try: '--max-size 10GiB' }))
  const ageText = invocation.options.text('maxAge')
  const maxAgeMs = ageText === undefined ? undefined : parseAge(ageText)
  if (ageText !== undefined && maxAgeMs === undefined)
    return fail(usage(`Cannot use "${ageText}" as an age`, { try: '--max-age 30d' }))
  const pruned = await cachePrune(opened.value.project.cacheDir, {
    maxSizeBytes,
    ...(maxAgeMs === undefined ? {} : { maxAgeMs }),
    ...waiting(invocation),
  })
  if (pruned.ok && !invocation.options.flag('dryRun') && maxAgeMs !== undefined) {
    pruneBuilds(opened.value.project.cacheDir, maxAgeMs)
    await pruneLayers(opened.value.project.cacheDir, maxAgeMs)
  }
  return pruned.ok ? printPruned(invocation, pruned.value) : pruned
}

async function clear(invocation: Invocation): Promise<Result<number>> {
  const opened = await openProject(invocation)
  if (!opened.ok) return opened
  const cleared = await cacheClear(opened.value.project.cacheDir, waiting(invocation))
  if (!cleared.ok) return cleared
  if (!invocation.options.flag('dryRun')) {
    const { cacheDir } = opened.value.project
    await pruneLayers(cacheDir, 0)
    pruneBuilds(cacheDir, 0)
  }
  return printPruned(invocation, cleared.value)
}

const waiting = (invocation: Invocation) => ({
  dryRun: invocation.options.flag('dryRun'),
  onWait: (text: string) => invocation.console.err(`${text}\n`),
  signal: invocation.interruption().signal,
})

function printPruned(invocation: Invocation, report: PruneReport): Result<number> {
  const removed = `${count(report.removedRecords, 'result')}, ${formatSize(report.removedBytes)}`
  const verb = invocation.options.flag('dryRun') ? 'would remove' : 'removed'
  return print(invocation, report, [`${verb} ${removed}; ${formatSize(report.keptBytes)} stay`])
}

function print(invocation: Invocation, value: object, lines: readonly string[]): Result<number> {
  invocation.console.out(invocation.options.flag('json') ? `${JSON.stringify(value)}\n` : `${lines.join('\n')}\n`)
  return ok(0)
}
