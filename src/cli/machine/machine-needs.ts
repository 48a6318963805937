/** What tasks need of the machine, asked for just before one really runs; an up-to-date flow asks for nothing. */
import type { SandboxRunner } from '../../engine/sandbox-runner.ts'
import type { MachineNeeds as Needs, TaskType } from '../../engine/workflow/task-type.ts'
import type { TaskTypeRegistry } from '../../engine/workflow/workflow.ts'
import type { Result } from '../../platform/result.ts'

/** With the task that has them. */
export interface MachineNeeds extends Needs {
  readonly task: string
}
export type EnsureMachine = (needs: MachineNeeds) => Promise<Result<void>>

export function needsOf(task: string, type: TaskType, settings: ReadonlyMap<string, string>): MachineNeeds {
  const all = [type, type.needsWith?.(settings) ?? {}]
  return {
    task,
    hostTools: [...new Set(all.flatMap(({ hostTools = [] }) => hostTools))],
    requiresRoot: all.some(({ requiresRoot }) => requiresRoot),
  }
}

/** The same task types, each of which sees to its needs first. */
export function taskTypesOnReadyMachine(types: TaskTypeRegistry, ensure: EnsureMachine): TaskTypeRegistry {
  const guarded = Object.entries(types).map(([name, load]) => {
    const loadGuarded = async () => {
      const { default: type } = await load()
      const run: TaskType['run'] = async context => {
        const ready = await ensure(needsOf(context.task, type, context.settings))
        return ready.ok ? type.run(context) : ready
      }
      return { default: { ...type, run } }
    }
    return [name, loadGuarded] as const
  })
  return Object.fromEntries(guarded)
}

const sandboxTools = ['bash', 'perl', 'tar']

export const sandboxOnReadyMachine = (sandbox: SandboxRunner, ensure: EnsureMachine): SandboxRunner => ({
  async run(request) {
    const more = request.root ? ['zstd'] : []
    const ready = await ensure({ task: request.task, hostTools: [...sandboxTools, ...more], requiresRoot: false })
    return ready.ok ? sandbox.run(request) : ready
  },
})
