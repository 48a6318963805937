/** Kubernetes built from its pinned source on the Go root. */
import type { TaskContext } from '../../src/engine/workflow/task-type.ts'
import { ok, type Result } from '../../src/platform/result.ts'
import { buildWithGo } from '../programs/go-build.ts'
import { inProject } from '../roots/build-in-root.ts'
import { buildScript } from './build-script.ts'
import { programFolder } from './program-files.ts'

export interface SourceBuild {
  readonly version: string
  readonly commit: string
  /** The archives, absolute. */
  readonly root: string
  readonly source: string
}

export async function buildFromSource(context: TaskContext<unknown>, build: SourceBuild): Promise<Result<string>> {
  const [output = ''] = context.outputs
  const built = await buildWithGo(context, {
    name: `source-${build.version}`,
    steps: ['unpack', 'generate', 'compile', 'check'],
    root: build.root,
    script: buildScript,
    args: [inProject(context, build.source), inProject(context, programFolder(output)), build.version, build.commit],
    input: build.source,
  })
  return built.ok ? ok(`v${build.version} from source`) : built
}
