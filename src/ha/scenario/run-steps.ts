/** Carries out the steps of a scenario on a cluster, one after the other, and journals what each one saw. */
import { withRole } from '../../cluster/spec.ts'
import type { Cluster, Vm } from '../../drivers/driver.ts'
import { now, sleep } from '../../platform/clock.ts'
import { done, fail, ok, type Result } from '../../platform/result.ts'
import { actions } from '../actions/actions.ts'
import type { Check, CheckContext } from '../checks/check.ts'
import { checks } from '../checks/checks.ts'
import { eventually } from '../checks/eventually.ts'
import { faultTypes } from '../faults/faults.ts'
import { isLookedUp, resolveTarget } from '../targets/resolve-target.ts'
import type { Target } from '../targets/target.ts'
import type { Journal } from './journal.ts'
import type { CheckStep, DoStep, EachStep, FaultStep, Step } from './steps.ts'

export interface StepsContext {
  readonly cluster: Cluster
  readonly signal: AbortSignal
  /** Told what each step saw, and what a check that does not hold yet sees instead. */
  readonly journal: Journal
  /** Of every random choice. */
  readonly seed: number
  /** The most that a check waits, even where its own limit is longer. */
  readonly giveUpAfterMs?: number
  /** See CheckContext. */
  readonly writes?: CheckContext['writes']
}

/** The failure of the first step that did not hold ends it. Validated before: see validate-steps. */
export async function runSteps(steps: readonly Step[], context: StepsContext, each?: Vm): Promise<Result<void>> {
  for (const step of steps) {
    const result = await runStep(step, context, each)
    if (!result.ok) return result
  }
  return done
}

async function runStep(step: Step, context: StepsContext, each: Vm | undefined): Promise<Result<void>> {
  switch (step.kind) {
    case 'require':
      return done
    case 'check':
      return runCheck(step, context)
    case 'fault':
      return runFault(step, context, each)
    case 'do':
      return runAction(step, context, each)
    case 'wait':
      return journaled(`wait ${step.seconds} s`, context, async () => {
        await sleep(step.seconds * 1000, context.signal).catch(() => undefined)
        return context.signal.aborted ? fail(interrupted) : ok('')
      })
    case 'each':
      return runEach(step, context, each)
  }
}

async function runEach(
  { role, first, last, steps }: EachStep,
  context: StepsContext,
  each: Vm | undefined,
): Promise<Result<void>> {
  const ordered = await inOrder(withRole(context.cluster, role), last, context, each)
  if (!ordered.ok) return ordered
  for (const vm of ordered.value.slice(0, first)) {
    const result = await runSteps(steps, context, vm)
    if (!result.ok) return result
  }
  return done
}

async function inOrder(
  vms: readonly Vm[],
  last: Target | undefined,
  context: StepsContext,
  each: Vm | undefined,
): Promise<Result<readonly Vm[]>> {
  if (last === undefined) return ok(vms)
  const found = await meaning(context, each)(last)
  if (!found.ok) return found
  const isLast = (vm: Vm) => vm.spec.id === found.value.spec.id
  return ok([...vms.filter(vm => !isLast(vm)), ...vms.filter(isLast)])
}

const interrupted = { kind: 'interrupted', message: 'Interrupted while the scenario waited' } as const

function runAction(
  { action: name, options }: DoStep,
  context: StepsContext,
  each: Vm | undefined,
): Promise<Result<void>> {
  const action = actions.get(name)
  if (action === undefined) throw new Error(`no action ${name}`)
  const { cluster, signal } = context
  return journaled(name, context, () => action.run({ cluster, signal, vmOf: meaning(context, each) }, options))
}

/** What targets mean from now on. */
function meaning({ cluster, signal, journal }: StepsContext, each: Vm | undefined) {
  const last = cluster.vms.find(vm => vm.spec.name === journal.lastFaulted)
  return (target: Target) => resolveTarget(target, { cluster, signal, each, last })
}

async function runCheck(step: CheckStep, context: StepsContext): Promise<Result<void>> {
  const { cluster, signal, journal, writes, giveUpAfterMs = Number.POSITIVE_INFINITY } = context
  const check = checks[step.check]
  if (check === undefined) throw new Error(`no check ${step.check}`)
  const fromMs = journal.stepBegan('check', check.name)
  const since = now()
  let last = ''
  const observe = async () => {
    const observation = await check.observe({ cluster, signal, since, writes }, step.options)
    if (!observation.holds && observation.seen !== last) {
      last = observation.seen
      journal.log(`${check.name.padEnd(20)} not yet:  ${last}`)
    }
    return observation
  }
  const given = Object.entries(step.options).filter(([, value]) => value !== 0 && value !== false)
  const claim = [check.claim, ...given.map(([name, value]) => `(${name}: ${value})`)].join(' ')
  const timeoutMs = Math.min(limitMs(step, check, cluster.patience), giveUpAfterMs)
  const held = await eventually(observe, { claim, timeoutMs, signal })
  journal.stepEnded('check', {
    step: check.name,
    seen: held.ok ? held.value.seen : last,
    figure: (held.ok && held.value.figure) || null,
    holds: held.ok,
    fromMs,
  })
  return held.ok ? done : held
}

/**
 * What a scenario says holds as it is written, and so does a check's own limit where it judges; becoming ready may take
 * as much longer as the machine is slower.
 */
function limitMs({ within }: CheckStep, { timeoutMs, waitsForReadiness }: Check, patience: number): number {
  if (within !== undefined) return within * 1000
  return waitsForReadiness ? timeoutMs * patience : timeoutMs
}

async function runFault(
  { verb, target, options }: FaultStep,
  context: StepsContext,
  each: Vm | undefined,
): Promise<Result<void>> {
  const fault = faultTypes.get(verb)
  if (fault === undefined) throw new Error(`no fault ${verb}`)
  const { journal } = context
  const meant = meaning(context, each)
  const vm = await meant(target)
  if (!vm.ok) return vm
  if (isLookedUp(target)) await sleep(afterLookUpMs, context.signal).catch(() => undefined)
  const { name } = vm.value.spec
  return journaled(`${verb} ${name}`, context, async () => {
    if (fault.effect !== 'undoes') journal.faultBegan(verb, name)
    const idsOf = async (targets: readonly Target[]) => idsIn(await Promise.all(targets.map(meant)))
    const injected = await fault.inject(vm.value, options, { ...context, idsOf })
    if (injected.ok && fault.effect !== 'undoes') journal.faultDetail(verb, name, injected.value)
    if (fault.effect === 'momentary') journal.faultsEnded(name, [verb])
    if (fault.ends) journal.faultsEnded(name, fault.ends)
    if (!injected.ok) return injected
    const who = typeof target === 'number' || target === 'each' ? '' : `the ${target}`
    return ok([who, injected.value].filter(Boolean).join(': '))
  })
}

/** Finding the VM takes CPU time from the clients: that is over before the fault begins. */
const afterLookUpMs = 300

function idsIn(vms: readonly Result<Vm>[]): Result<readonly number[]> {
  const unknown = vms.find(vm => !vm.ok)
  return unknown && !unknown.ok ? unknown : ok(vms.flatMap(vm => (vm.ok ? [vm.value.spec.id] : [])))
}

async function journaled(
  step: string,
  { journal }: StepsContext,
  act: () => Promise<Result<string>>,
): Promise<Result<void>> {
  const fromMs = journal.stepBegan('step', step)
  const result = await act()
  const seen = result.ok ? result.value : result.failure.message
  journal.stepEnded('step', { step, seen, figure: null, holds: result.ok, fromMs })
  return result.ok ? done : result
}
