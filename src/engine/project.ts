/** What every entry point of the engine is told about the project it works in. */
import type { Emit } from './events.ts'
import type { RemoteCache } from './remote/remote-cache.ts'
import type { SandboxRunner } from './sandbox-runner.ts'
import type { TaskTypeRegistry } from './workflow/workflow.ts'

export interface Project {
  /** Absolute. Workflows lie in its `workflows/` and `workflows/parts/`. */
  readonly projectDir: string
  /** Absolute. May be shared by several projects. */
  readonly cacheDir: string
  /** `--set`: parameters first of all, then settings. */
  readonly set?: ReadonlyMap<string, string>
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
  /** The second level of the cache, new for each run; whoever made it closes it. */
  readonly remote?: RemoteCache
}

export interface RunOptions extends Project {
  /** A workflow's name, or the path of a file that ends in .yaml or .yml. */
  readonly workflow: string
  /** Only these tasks, what they need, and what cleans up after them. */
  readonly only?: readonly string[]
  readonly force?: boolean
  readonly forceTasks?: readonly string[]
  readonly keepGoing?: boolean
  /** The size of the pool `cpu`; default: the machine's cores. */
  readonly concurrency?: number
  /** Sizes of the other pools; a pool that is not here has the size 1. */
  readonly pools?: Readonly<Record<string, number>>
  readonly dryRun?: boolean
  /** Clean-up tasks do not run: always, or only when something failed. */
  readonly keep?: boolean
  readonly keepOnFailure?: boolean
  /** Each executed `run` task gets a sandbox that shows declared inputs only. */
  readonly verifyInputs?: boolean
  /** Told to task types; never changes a result. */
  readonly settings?: ReadonlyMap<string, string>
  /** Needed by `sandbox:` tasks and verifyInputs. */
  readonly sandbox?: SandboxRunner
  /** Bytes that the store may have after the run; default 20 GiB, 0: no limit. */
  readonly maxCacheBytes?: number
  /** First Ctrl-C: running tasks are ended, clean-up tasks still run. */
  readonly signal?: AbortSignal
  /** Second Ctrl-C: clean-up tasks are ended too. */
  readonly hardSignal?: AbortSignal
  readonly emit?: Emit
  /** Ready tasks start in an order shuffled by this seed (for tests that look for missing needs). */
  readonly shuffleSeed?: number
}
