/** Every task type by its name, loaded only when a workflow uses it. */
import type { TaskType } from '../src/engine/task-type.ts'

type Load = () => Promise<{ readonly default: TaskType }>

export const taskTypes: Readonly<Record<string, Load>> = {}
