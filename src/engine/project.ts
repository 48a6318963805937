/** What every entry point of the engine knows about its project. */
import type { Failure } from '../platform/failure.ts'
import type { RemoteCache } from './remote/remote-cache.ts'
import type { Task, TaskTypeRegistry } from './workflow/workflow.ts'

export interface CacheSettings {
  /** Absolute. May be shared by several projects. */
  readonly cacheDir: string
  /** Bytes that the store may have after a run; default 20 GiB, 0: no limit. */
  readonly maxCacheBytes?: number
  /** The second level of the cache, new for each run, and closed by its maker. */
  readonly remote?: RemoteCache
}

export interface Project extends CacheSettings {
  /** Absolute. Workflows lie in its `workflows/` and `workflows/parts/`. */
  readonly projectDir: string
  /** `--set`: parameters first of all, then settings. */
  readonly set?: ReadonlyMap<string, string>
  /** What stood after `--` on the command line. */
  readonly args?: readonly string[]
  readonly environment: Readonly<Record<string, string | undefined>>
  /** The project's `k8s-ha.yaml`, flattened (`cache.maxSize`); see readProjectSettings. */
  readonly projectSettings?: ReadonlyMap<string, string>
  /** Names that `--set` and `k8s-ha.yaml` may have besides the workflow's parameters. */
  readonly knownSettings?: readonly string[]
  readonly taskTypes: TaskTypeRegistry
  /** Task type → digest of its code, from the build; a type that it lacks is computed from its sources. */
  readonly codeDigests?: Readonly<Record<string, string>>
  /** Where `<task type>.ts` lies, for types that `codeDigests` lacks. */
  readonly taskSourceDir?: string
  /** Where the program itself lies in the project, relative to it: never an output. */
  readonly programFiles?: readonly string[]
  /** Variables of the program's own that no task may declare and no parameter may read: they hold passwords. */
  readonly secretVariables?: readonly string[]
  /** Asked before anything of these tasks runs: why the user must first say that this project may. */
  readonly distrust?: (tasks: readonly Task[]) => Promise<Failure | undefined>
}
