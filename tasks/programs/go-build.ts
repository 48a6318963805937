/** The course of every build with Go in a sandbox: progress, Go's cache, times for the next estimate. */
import type { TaskContext } from '../../src/engine/workflow/task-type.ts'
import type { Result } from '../../src/platform/result.ts'
import { makeProgramFolder } from '../kubernetes/program-files.ts'
import { buildInRoot } from '../roots/build-in-root.ts'
import { keepBuildTimes, lastBuildTimes } from './build-times.ts'
import { goCache, ownGoCache } from './go-cache.ts'
import { GoProgress } from './go-progress.ts'

export interface GoBuild {
  /** Builds of one name take about the same time: "source-1.20.2". */
  readonly name: string
  /** The steps that the script announces, in their order. */
  readonly steps: readonly string[]
  /** The archive of the root with Go, absolute. */
  readonly root: string
  readonly script: string
  readonly args: readonly string[]
  /** The archive that is compiled, absolute. */
  readonly input: string
}

export async function buildWithGo(context: TaskContext<unknown>, build: GoBuild): Promise<Result<void>> {
  const [output = ''] = context.outputs
  const cache = await ownGoCache(context)
  const progress = new GoProgress({
    steps: build.steps,
    last: lastBuildTimes(context.cacheDir, build.name),
    isWhole: cache.isEmpty,
    report: text => context.progress(text),
  })
  const built = await buildInRoot(context, {
    root: build.root,
    script: build.script,
    args: build.args,
    inputs: [build.input],
    mounts: [{ from: cache.folder, to: goCache, writable: true }],
    onLine: line => progress.add(line),
  })
  if (!built.ok) return built
  await makeProgramFolder(output)
  const times = progress.times()
  if (times !== undefined) keepBuildTimes(context.cacheDir, build.name, times)
  return built
}
