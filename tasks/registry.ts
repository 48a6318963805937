/** Every task type by its name, loaded only when a workflow uses it. */
import type { TaskType } from '../src/engine/workflow/task-type.ts'

type Load = () => Promise<{ readonly default: TaskType }>

export const taskTypes: Readonly<Record<string, Load>> = {
  'build-keepalived': () => import('./build-keepalived.ts'),
  'build-programs': () => import('./build-programs.ts'),
  'check-versions': () => import('./check-versions.ts'),
  'fetch-programs': () => import('./fetch-programs.ts'),
  'fetch-source': () => import('./fetch-source.ts'),
  'make-images': () => import('./make-images.ts'),
  'make-node-files': () => import('./make-node-files.ts'),
  'make-overlay': () => import('./make-overlay.ts'),
  'make-pki': () => import('./make-pki.ts'),
  'make-root': () => import('./make-root.ts'),
  'other-programs': () => import('./other-programs.ts'),
  'run-scenario': () => import('./run-scenario.ts'),
  'start-cluster': () => import('./start-cluster.ts'),
  'stop-cluster': () => import('./stop-cluster.ts'),
  'unpack-source': () => import('./unpack-source.ts'),
}
