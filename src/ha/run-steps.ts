/** Carries out the steps of a scenario on a cluster, one after the other, and journals what each one saw. */
import type { Cluster, Vm } from '../drivers/driver.ts'
import { failed } from '../platform/failure.ts'
import { done, fail, ok, type Result } from '../platform/result.ts'
import { checks } from './checks.ts'
import { eventually } from './eventually.ts'
import { faults } from './faults.ts'
import type { Journal } from './journal.ts'
import { labelControlPlane } from './label-control-plane.ts'
import type { StepRecord } from './record.ts'
import { inState, withRole } from './select-vms.ts'
import type { CheckStep, FaultStep, Step, Target } from './steps.ts'
import { findTarget } from './validate-steps.ts'
import { vipOwners } from './vip-owners.ts'

export interface StepsContext {
  readonly cluster: Cluster
  readonly signal: AbortSignal
  /** Told what each step saw, and what a check that does not hold yet sees instead. */
  readonly journal: Journal
}

/** The failure of the first step that did not hold ends it. Validated before: see validate-steps. */
export async function runSteps(steps: readonly Step[], context: StepsContext, each?: Vm): Promise<Result<void>> {
  for (const step of steps) {
    const result = await runStep(step, context, each)
    if (!result.ok) return result
  }
  return done
}

/** "etcd-healthy 3 → 2 → 3": the figures of each check that has any. */
export function summarize(records: readonly StepRecord[]): string {
  const figures = new Map<string, string[]>()
  for (const { step, figure } of records) if (figure !== null) figures.set(step, [...(figures.get(step) ?? []), figure])
  return [...figures].map(([step, values]) => `${step} ${compress(values)}`).join(' · ')
}

const compress = (values: readonly string[]): string =>
  new Set(values).size === 1 && values.length > 1 ? `${values.length} × ${values[0]}` : values.join(' → ')

async function runStep(step: Step, context: StepsContext, each: Vm | undefined): Promise<Result<void>> {
  switch (step.kind) {
    case 'require':
      return done
    case 'check':
      return runCheck(step, context)
    case 'fault':
      return runFault(step, context, each)
    case 'do':
      return journaled(step.action, context, () => labelControlPlane(context.cluster, context.signal))
    case 'each':
      for (const vm of withRole(context.cluster, step.role).slice(0, step.first)) {
        const result = await runSteps(step.steps, context, vm)
        if (!result.ok) return result
      }
      return done
  }
}

async function runCheck(step: CheckStep, { cluster, signal, journal }: StepsContext): Promise<Result<void>> {
  const check = checks[step.check]
  if (check === undefined) throw new Error(`no check ${step.check}`)
  const fromMs = journal.now()
  let last = ''
  const observe = async () => {
    const observation = await check.observe({ cluster, signal }, step.options)
    if (!observation.holds && observation.seen !== last) {
      last = observation.seen
      journal.log(`${check.name.padEnd(20)} not yet:  ${last}`)
    }
    return observation
  }
  const given = Object.entries(step.options).filter(([, value]) => value !== 0)
  const claim = [check.claim, ...given.map(([name, value]) => `(${name}: ${value})`)].join(' ')
  const timeoutMs = step.within === undefined ? check.timeoutMs : step.within * 1000
  const held = await eventually(observe, { claim, timeoutMs, signal })
  journal.step({
    step: check.name,
    seen: held.ok ? held.value.seen : last,
    figure: (held.ok && held.value.figure) || null,
    holds: held.ok,
    fromMs,
  })
  return held.ok ? done : held
}

async function runFault(
  { verb, target }: FaultStep,
  context: StepsContext,
  each: Vm | undefined,
): Promise<Result<void>> {
  const { journal } = context
  const vm = await meantVm(target, context, each)
  if (!vm.ok) return vm
  const { name } = vm.value.spec
  return journaled(`${verb} ${name}`, context, async () => {
    const undoes = verb === 'resume' || verb === 'boot' || verb === 'heal'
    if (!undoes) journal.faultBegan({ fault: verb, vm: name, detail: null, fromMs: journal.now() }, false)
    const result = await faults[verb](vm.value)
    if (undoes || verb === 'reset') journal.faultsEnded(name)
    return result.ok ? ok(typeof target === 'number' || target === 'each' ? '' : `the ${target}`) : result
  })
}

async function meantVm(target: Target, { cluster, signal }: StepsContext, each: Vm | undefined): Promise<Result<Vm>> {
  if (target === 'each' && each) return ok(each)
  if (target === 'vip-owner') return onlyOne(await vipOwners({ cluster, signal }), 'load balancer holds the VIP')
  if (target === 'stopped') return onlyOne(await inState(cluster.vms, 'stopped'), 'VM is stopped')
  const id = findTarget(cluster.spec, target)?.id
  return onlyOne(
    cluster.vms.filter(vm => vm.spec.id === id),
    `VM is "${target}"`,
  )
}

function onlyOne(vms: readonly Vm[], what: string): Result<Vm> {
  const [vm, ...others] = vms
  if (vm && others.length === 0) return ok(vm)
  const seen = vms.length === 0 ? 'none' : vms.map(one => one.spec.name).join(', ')
  return fail(failed(`Cannot go on with the scenario: exactly one ${what} was expected`, { last: seen }))
}

async function journaled(
  step: string,
  { journal }: StepsContext,
  act: () => Promise<Result<string>>,
): Promise<Result<void>> {
  const fromMs = journal.now()
  const result = await act()
  const seen = result.ok ? result.value : result.failure.message
  journal.step({ step, seen, figure: null, holds: result.ok, fromMs })
  return result.ok ? done : result
}
