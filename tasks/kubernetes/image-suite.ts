/** The suite of Debian that a run's VM image is made of, known before anything starts. */
import { safeParse } from 'valibot'
import type { PlannedTask } from '../../src/engine/workflow/task-type.ts'
import { rootSchema } from '../roots/root-schema.ts'

/** Undefined when no task of the run makes one: the VM image is the root with containerd. */
export function imageSuite(planned: readonly PlannedTask[]): string | undefined {
  const roots = planned.flatMap(task => {
    const parsed = task.type === 'make-root' ? safeParse(rootSchema, task.with) : undefined
    return parsed?.success ? [parsed.output] : []
  })
  return roots.find(({ packages }) => packages.includes('containerd'))?.suite
}
