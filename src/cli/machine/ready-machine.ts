/** Sees to what tasks need of the machine — programs, root — just before the first of them really runs. */
import { environment, type Failure } from '../../platform/failure.ts'
import { done, fail, type Result } from '../../platform/result.ts'
import { missingPackages } from './host-tools.ts'
import { type InstallOptions, installPackages, isRoot } from './install-packages.ts'
import type { EnsureMachine, MachineNeeds } from './machine-needs.ts'

export interface ReadyMachineOptions extends InstallOptions {
  /** What the tasks need that are sure to run later: it is better to fail before the long ones. */
  readonly lookAhead: () => Promise<readonly MachineNeeds[]>
}

export function readyMachine(options: ReadyMachineOptions): EnsureMachine {
  /** One at a time: apt has one lock, and the user wants to read one message. */
  let turn: Promise<Result<void>> = Promise.resolve(done)
  let lookedAhead = false
  /** What could not be installed once is not tried again for the next task. */
  const refused = new Map<string, Result<void>>()

  const ensure = async (needs: MachineNeeds): Promise<Result<void>> => {
    const all = lookedAhead ? [needs] : [needs, ...(await options.lookAhead())]
    lookedAhead = true
    const privileged = all.find(one => one.requiresRoot)
    if (privileged && !isRoot()) return fail(notRoot(privileged.task))
    const packages = missingPackages(all.flatMap(one => one.hostTools ?? []))
    if (packages.length === 0) return done
    const list = packages.join(' ')
    const installed = refused.get(list) ?? (await installPackages(packages, options))
    if (!installed.ok) refused.set(list, installed)
    return installed
  }

  return needs => {
    turn = turn.then(() => ensure(needs))
    return turn
  }
}

const notRoot = (task: string): Failure =>
  environment(`Cannot run task "${task}": it makes namespaces and mounts, which only root may`, {
    try: 'the same command, by root (sudo)',
  })
