/** `flow --watch`: runs again whenever a file changes on which the flow depends. */
import { type FSWatcher, watch as watchPaths } from 'chokidar'
import type { WorkflowRequest } from '../../engine/load/find-workflow.ts'
import type { Project } from '../../engine/project.ts'
import { changedPaths, type Snapshot, type WatchedFiles, watchedFiles } from '../../engine/watched-files.ts'
import { ok, type Result } from '../../platform/result.ts'
import { renderFailure } from '../../report/terminal/render-failure.ts'
import type { Invocation } from '../command.ts'
import { displayPath } from '../display-path.ts'
import { exitCodes } from '../exit-code.ts'
import { WriteLoops } from './write-loops.ts'

/** Editors write a file in several steps, and branches change many at once. */
const settleMs = 150

export interface Watched {
  readonly project: Project
  readonly workflow: WorkflowRequest
  readonly only: readonly string[] | undefined
  /** One run, which ends early when the signal says so. */
  run(signal: AbortSignal): Promise<Result<number>>
}

/** Until it is interrupted. A change during a run outdates that run: it is cancelled, cleans up, and another begins. */
export async function watchFlow(watched: Watched, invocation: Invocation): Promise<Result<number>> {
  const { project, workflow, only } = watched
  const { console, cwd } = invocation
  const interruption = invocation.interruption()
  const interrupted = interruption.signal
  const loops = new WriteLoops()
  for (;;) {
    const files = await watchedFiles(project, workflow, only)
    const before = files.snapshot()
    let changes = new NextChange(files, { before, ignored: loops.suspects })
    try {
      const outdated = new AbortController()
      let changed = changes.next.then(paths => {
        outdated.abort()
        return paths
      })
      const result = await watched.run(AbortSignal.any([interrupted, outdated.signal]))
      if (!result.ok)
        console.err(
          renderFailure(result.failure, { color: console.color, displayPath: path => displayPath(path, cwd) }),
        )
      if (interrupted.aborted) return ok(exitCodes.interrupted)
      interruption.onInterrupt = () => {}
      const after = files.snapshot()
      const during = changedPaths(before, after)
      const written = loops.add(during)
      if (written.length > 0) console.err(loopText(written, files))
      const isOwnDoing = during.length > 0 && during.every(path => loops.isOwn(path))
      if (isOwnDoing) {
        // From now on these files, too, wake it again.
        await changes.close()
        changes = new NextChange(files, { before: after, ignored: new Set() })
        changed = changes.next
      }
      if (isOwnDoing || !outdated.signal.aborted) console.err(`watching ${files.snapshot().size} files; Ctrl-C ends\n`)
      const paths = await Promise.race([changed, whenAborted(interrupted)])
      // Ctrl-C while nothing runs is how a user leaves: nothing was interrupted.
      if (paths === undefined) return ok(0)
      console.err(`\nchanged: ${paths[0]}${paths.length > 1 ? ` (+${paths.length - 1})` : ''}\n`)
    } finally {
      await changes.close()
    }
  }
}

function loopText(written: readonly string[], files: WatchedFiles): string {
  const names = written.slice(0, 3).join(', ') + (written.length > 3 ? ` and ${written.length - 3} more` : '')
  const readers = files.readersOf(written).map(task => `"${task}"`)
  const reads = readers.length === 0 ? '' : `, and ${readers.join(', ')} ${readers.length === 1 ? 'reads' : 'read'} it`
  return [
    `warning: each run changes ${names}${reads}: not running again for that`,
    `  try:   leave it out of the inputs ("!${written[0]}"), or make it an output of the task that writes it\n`,
  ].join('\n')
}

interface Compared {
  readonly before: Snapshot
  /** Files whose changes do not count. */
  readonly ignored: ReadonlySet<string>
}

/** The first change of watched files. */
class NextChange {
  readonly next: Promise<readonly string[]>
  readonly #files: WatchedFiles
  readonly #ignored: ReadonlySet<string>
  readonly #before: Snapshot
  readonly #watcher: FSWatcher
  #timer: NodeJS.Timeout | undefined
  #tell: (paths: readonly string[]) => void = () => {}

  constructor(files: WatchedFiles, { before, ignored }: Compared) {
    this.#files = files
    this.#before = before
    this.#ignored = ignored
    this.next = new Promise(resolve => {
      this.#tell = resolve
    })
    this.#watcher = watchPaths([...files.roots], {
      ignored: path => files.isIgnored(path),
      ignoreInitial: true,
      followSymlinks: false,
    })
    this.#watcher.on('all', () => this.#look())
    // What changed before the watcher watched.
    this.#watcher.on('ready', () => this.#look())
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer)
    await this.#watcher.close()
  }

  /** Whatever was told, what the disk says decides: restores and foreign files are no changes. */
  #look(): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      const changed = changedPaths(this.#before, this.#files.snapshot())
      const paths = changed.filter(path => !this.#ignored.has(path))
      if (paths.length > 0) this.#tell(paths)
    }, settleMs)
  }
}

const whenAborted = (signal: AbortSignal): Promise<undefined> =>
  new Promise(resolve => {
    if (signal.aborted) resolve(undefined)
    else signal.addEventListener('abort', () => resolve(undefined), { once: true })
  })
