/** Kubernetes built from its pinned source on the Go root. */
import { createHash } from 'node:crypto'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { needOutput, type TaskContext } from '../../src/engine/workflow/task-type.ts'
import { identify } from '../../src/platform/processes/process-identity.ts'
import { ok, type Result } from '../../src/platform/result.ts'
import { buildInRoot, inProject } from '../roots/build-in-root.ts'
import { buildScript, goCache, programs } from './build-script.ts'
import { makeProgramFolder, programFolder } from './program-files.ts'

export interface SourceBuild {
  readonly version: string
  readonly commit: string
  /** The needs that made the Go root and fetched the source. */
  readonly root: string
  readonly source: string
}

export async function buildFromSource(context: TaskContext<unknown>, build: SourceBuild): Promise<Result<string>> {
  const root = needOutput(context, build.root)
  if (!root.ok) return root
  const source = needOutput(context, build.source)
  if (!source.ok) return source
  const [output = ''] = context.outputs
  const goCacheDir = await ownGoCache(context)
  const progress = new GoProgress(text => context.progress(text))
  const built = await buildInRoot(context, {
    root: root.value,
    script: buildScript,
    args: [inProject(context, source.value), inProject(context, programFolder(output)), build.version, build.commit],
    inputs: [source.value],
    mounts: [{ from: goCacheDir, to: goCache, writable: true }],
    onLine: line => progress.add(line),
  })
  if (!built.ok) return built
  await makeProgramFolder(output)
  await rm(goCacheDir, { recursive: true, force: true })
  return ok(`${programs.length} programs, v${build.version} from source`)
}

/**
 * Lets a build that was interrupted go on where it stopped; removed when it succeeds. Go names what is in it by content,
 * so it cannot change a result. Not shared with other projects, whose builds would remove it, and not used after a
 * restart of the machine, which may have cut its files.
 */
async function ownGoCache({ cacheDir, projectDir }: TaskContext<unknown>): Promise<string> {
  const project = createHash('sha256').update(projectDir).digest('hex').slice(0, 16)
  const folder = join(cacheDir, 'go-build', `${project}-${identify(process.pid)?.bootId}`)
  await mkdir(folder, { recursive: true })
  return folder
}

const steps = ['unpack', 'generate', 'compile', 'check']

/** What the build is at, from the lines that it prints. */
class GoProgress {
  readonly #report: (text: string) => void
  #step = ''
  #packages = 0
  #compiled = 0

  constructor(report: (text: string) => void) {
    this.#report = report
  }

  add(line: string): void {
    const [, step, packages] = /^== (\w+) ?(\d+)?$/.exec(line) ?? []
    if (step !== undefined) {
      this.#step = step
      this.#packages = Number(packages ?? 0)
    } else if (this.#step === 'compile' && /^[\w./-]+$/.test(line)) this.#compiled++
    else return
    const count = this.#step === 'compile' ? ` · ${this.#compiled} of ${this.#packages} packages compiled` : ''
    this.#report(`step ${steps.indexOf(this.#step) + 1} of ${steps.length} · ${this.#step}${count}`)
  }
}
