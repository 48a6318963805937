/** What a task type written in TypeScript (`uses: <name>` in a workflow) is to the engine. */
import type { GenericSchema } from 'valibot'
import { type Failure, usage } from '../../platform/failure.ts'
import { fail, ok, type Result } from '../../platform/result.ts'

/** What a running task is given. All paths are absolute. */
export interface TaskContext<With> {
  /** The task's name in the workflow, `compile` or `compile[IPv4]`. */
  readonly task: string
  /** The `with:` of the workflow, parameters substituted, parsed by the type's schema. */
  readonly with: With
  readonly projectDir: string
  readonly cacheDir: string
  /** The declared outputs, in the order of the workflow file: they do not exist yet, their parent folders do. */
  readonly outputs: readonly string[]
  /** The files that the declared inputs matched, sorted. */
  readonly inputs: readonly string[]
  /** Outputs of each direct need, by its task name, in its order. */
  readonly needs: ReadonlyMap<string, readonly string[]>
  /** The declared environment variables that are set. */
  readonly env: Readonly<Record<string, string>>
  /** This task's folder in the run's folder (`cache/runs/<run>/<task>`): logs go here; it exists. */
  readonly logDir: string
  /** Settings that never change a result (where to look for archives, whether to keep a cluster …). */
  readonly settings: ReadonlyMap<string, string>
  readonly signal: AbortSignal
  /** A line (or more) of the task's output. */
  log(text: string): void
  /** What a long task is at, shown live: "step 2 of 5 · 120 of 345 packages compiled". Replaces the former. */
  progress(text: string): void
  /** What this run makes is good for this run alone: it is not kept, and the next run makes it again. */
  onlyNow(): void
  /** What just happened, for programs that read the run's events. */
  event(kind: string, data: EventData): void
}

/** What JSON can hold. */
export type EventData = Readonly<Record<string, unknown>>

/** A task of the run, as a check of another task sees it. */
export interface PlannedTask {
  readonly name: string
  /** Undefined for a task that is no task type's. */
  readonly type: string | undefined
  /** As written, parameters substituted; not yet checked. */
  readonly with: unknown
  readonly needs: readonly string[]
  /** Relative to the project. */
  readonly outputs: readonly string[]
}

/** A mistake inside a task's `with`. */
export interface OptionProblem {
  /** Inside `with`: ["steps", 3, "stop"]. */
  readonly path: readonly (string | number)[]
  readonly message: string
  readonly try?: string
}

export interface CheckContext<With> {
  readonly with: With
  readonly projectDir: string
  readonly settings: ReadonlyMap<string, string>
  /** Every task of the run, this one included. */
  readonly planned: readonly PlannedTask[]
}

/** What a task needs of the machine; the CLI sees to it before the first task that really runs. */
export interface MachineNeeds {
  /** Programs that are started ("mmdebstrap", "ip"). Each is in the table of src/cli/machine/host-tools.ts. */
  readonly hostTools?: readonly string[]
  readonly requiresRoot?: boolean
}

type Problems = readonly (OptionProblem | Failure)[]

export interface TaskType<With = unknown> extends MachineNeeds {
  readonly name: string
  /** One line for `k8s-ha flow --types` and the docs. */
  readonly description: string
  readonly schema: GenericSchema<unknown, With>
  /** What it needs besides, where settings decide that: those of the driver that they choose. */
  needsWith?(settings: ReadonlyMap<string, string>): MachineNeeds
  /** Its outputs hold secrets, as those of a task with `cache: local`. */
  readonly secret?: boolean
  /** What is wrong with its options in this run, found before anything starts. A failure has a place of its own already. */
  check?(context: CheckContext<With>): Problems | Promise<Problems>
  /** Resolves to a short note for the summary line ("3 etcd, 2 load balancers · VIP …"), or to nothing. */
  run(context: TaskContext<With>): Promise<Result<string | undefined> | Result<void>>
}

/** Keeps the schema's type for `run` while the registry stores all types alike. */
export const defineTaskType = <With>(type: TaskType<With>): TaskType<With> => type

/** The first output of the need with that name, absolute. */
export function needOutput(context: Pick<TaskContext<unknown>, 'task' | 'needs'>, need: string): Result<string> {
  const output = context.needs.get(need)?.[0]
  if (output !== undefined) return ok(output)
  const others = [...context.needs.keys()].join(', ') || 'none'
  return fail(usage(`Task "${context.task}" uses the output of "${need}", which is not among its needs: ${others}`))
}
