/** Refuses workflows that would hand variables of the program itself, which hold passwords, to tasks. */
import type { CollectedFile } from './collect-files.ts'
import { ownVariable } from './resolve-params.ts'
import { listOf } from './written/list-of.ts'

/** Reports each place in its file. */
export function refuseSecretVariables(files: readonly CollectedFile[], secret: readonly string[]): void {
  const isSecret = (variable: string) => secret.includes(variable)
  for (const { file } of files) {
    for (const [name, task] of Object.entries(file.raw.tasks ?? {}))
      for (const variable of listOf(task?.env).filter(isSecret))
        file.problem(`Task "${name}" declares ${variable}, which is for k8s-ha alone: it may hold a password`, [
          ...['tasks', name, 'env'],
        ])
    for (const [name, param] of Object.entries(file.raw.params ?? {}))
      for (const variable of [...listOf(param?.env), ownVariable(name)].filter(isSecret))
        file.problem(`Parameter "${name}" would read ${variable}, which is for k8s-ha alone: it may hold a password`, [
          ...['params', name],
        ])
  }
}
