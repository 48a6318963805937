/** Kubernetes built from its pinned source on the Go root. */
import { rm } from 'node:fs/promises'
import type { TaskContext } from '../../src/engine/workflow/task-type.ts'
import { ok, type Result } from '../../src/platform/result.ts'
import { keepBuildTimes, lastBuildTimes } from '../programs/build-times.ts'
import { goCache, ownGoCache } from '../programs/go-cache.ts'
import { GoProgress } from '../programs/go-progress.ts'
import { buildInRoot, inProject } from '../roots/build-in-root.ts'
import { buildScript } from './build-script.ts'
import { makeProgramFolder, programFolder } from './program-files.ts'

export interface SourceBuild {
  readonly version: string
  readonly commit: string
  /** The archives, absolute. */
  readonly root: string
  readonly source: string
}

export async function buildFromSource(context: TaskContext<unknown>, build: SourceBuild): Promise<Result<string>> {
  const [output = ''] = context.outputs
  const cache = await ownGoCache(context)
  const name = `source-${build.version}`
  const progress = new GoProgress({
    steps: ['unpack', 'generate', 'compile', 'check'],
    last: lastBuildTimes(context.cacheDir, name),
    isWhole: cache.isEmpty,
    report: text => context.progress(text),
  })
  const built = await buildInRoot(context, {
    root: build.root,
    script: buildScript,
    args: [inProject(context, build.source), inProject(context, programFolder(output)), build.version, build.commit],
    inputs: [build.source],
    mounts: [{ from: cache.folder, to: goCache, writable: true }],
    onLine: line => progress.add(line),
  })
  if (!built.ok) return built
  await makeProgramFolder(output)
  await rm(cache.folder, { recursive: true, force: true })
  const times = progress.times()
  if (times !== undefined) keepBuildTimes(context.cacheDir, name, times)
  return ok(`v${build.version} from source`)
}
