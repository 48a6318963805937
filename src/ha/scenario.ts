/** Runs the steps of a scenario on a cluster, tells what each one saw, and leaves every VM running. */
import type { Cluster, Vm } from '../drivers/driver.ts'
import { monotonicMs } from '../platform/clock.ts'
import { failed } from '../platform/failure.ts'
import { done, fail, ok, type Result } from '../platform/result.ts'
import { checks } from './checks.ts'
import { eventually } from './eventually.ts'
import { faults, healAll } from './faults.ts'
import { labelControlPlane } from './label-control-plane.ts'
import { inState, withRole } from './select-vms.ts'
import type { CheckStep, FaultStep, Step, Target } from './steps.ts'
import { findTarget, validateSteps } from './validate-steps.ts'
import { vipOwners } from './vip-owners.ts'

/** One step that was carried out. */
export interface StepRecord {
  /** "stop vm-193", "etcd-healthy". */
  readonly step: string
  readonly seen: string
  readonly figure?: string
  readonly tookMs: number
}

interface Running {
  readonly cluster: Cluster
  readonly signal: AbortSignal
  readonly record: (step: StepRecord) => void
  readonly log: (line: string) => void
  /** Ids of the VMs that a step turned off and none booted again. */
  readonly turnedOff: Set<number>
}

export interface ScenarioOptions {
  readonly cluster: Cluster
  readonly steps: readonly Step[]
  readonly signal: AbortSignal
  /** Told what each step saw, and what a check that does not hold yet sees instead. */
  readonly log: (line: string) => void
}

/** A bare list of what was done; the failure of the first step that did not hold ends it. */
export async function runScenario({
  cluster,
  steps,
  signal,
  log,
}: ScenarioOptions): Promise<Result<readonly StepRecord[]>> {
  const meant = validateSteps(cluster.spec, steps)
  if (!meant.ok) return meant
  const records: StepRecord[] = []
  const record = (one: StepRecord) => {
    records.push(one)
    log(`${one.step.padEnd(20)} ${`${(one.tookMs / 1000).toFixed(2)} s`.padStart(8)}  ${one.seen}`)
  }
  const running = { cluster, signal, record, log, turnedOff: new Set<number>() }
  const outcome = await runSteps(steps, undefined, running)
  // Whoever interrupted it ends the cluster next.
  if (signal.aborted) return outcome.ok ? ok(records) : outcome
  const died = outcome.ok ? await diedUnasked(running) : done
  const healed = await healAll(cluster.vms)
  if (!outcome.ok) return outcome
  if (!died.ok) return died
  return healed.find(one => !one.ok) ?? ok(records)
}

/** "etcd-healthy 3 → 2 → 3": the figures of each check that has any. */
export function summarize(records: readonly StepRecord[]): string {
  const figures = new Map<string, string[]>()
  for (const { step, figure } of records)
    if (figure !== undefined) figures.set(step, [...(figures.get(step) ?? []), figure])
  return [...figures].map(([step, values]) => `${step} ${compress(values)}`).join(' · ')
}

const compress = (values: readonly string[]): string =>
  new Set(values).size === 1 && values.length > 1 ? `${values.length} × ${values[0]}` : values.join(' → ')

async function runSteps(steps: readonly Step[], each: Vm | undefined, running: Running): Promise<Result<void>> {
  for (const step of steps) {
    const result = await runStep(step, each, running)
    if (!result.ok) return result
  }
  return done
}

async function runStep(step: Step, each: Vm | undefined, running: Running): Promise<Result<void>> {
  switch (step.kind) {
    case 'require':
      return done
    case 'check':
      return runCheck(step, running)
    case 'fault':
      return runFault(step, each, running)
    case 'do':
      return timed(step.action, () => labelControlPlane(running.cluster, running.signal), running)
    case 'each':
      for (const vm of withRole(running.cluster, step.role).slice(0, step.first)) {
        const result = await runSteps(step.steps, vm, running)
        if (!result.ok) return result
      }
      return done
  }
}

async function runCheck(step: CheckStep, { cluster, signal, record, log }: Running): Promise<Result<void>> {
  const check = checks[step.check]
  if (check === undefined) throw new Error(`no check ${step.check}`)
  let last = ''
  const observe = async () => {
    const observation = await check.observe({ cluster, signal }, step.options)
    if (!observation.holds && observation.seen !== last) {
      last = observation.seen
      log(`${check.name.padEnd(20)} not yet:  ${last}`)
    }
    return observation
  }
  const given = Object.entries(step.options).filter(([, value]) => value !== 0)
  const claim = [check.claim, ...given.map(([name, value]) => `(${name}: ${value})`)].join(' ')
  const timeoutMs = step.within === undefined ? check.timeoutMs : step.within * 1000
  const held = await eventually(observe, { claim, timeoutMs, signal })
  if (held.ok) record({ step: check.name, ...held.value })
  return held.ok ? done : held
}

async function runFault({ verb, target }: FaultStep, each: Vm | undefined, running: Running): Promise<Result<void>> {
  const vm = await meantVm(target, each, running)
  if (!vm.ok) return vm
  const act = async () => {
    if (verb === 'power-off') running.turnedOff.add(vm.value.spec.id)
    if (verb === 'boot' || verb === 'reset') running.turnedOff.delete(vm.value.spec.id)
    const result = await faults[verb](vm.value)
    return result.ok ? ok(typeof target === 'number' || target === 'each' ? '' : `the ${target}`) : result
  }
  return timed(`${verb} ${vm.value.spec.name}`, act, running)
}

/** A VM that is off although no step turned it off has failed, whatever the checks saw. */
async function diedUnasked({ cluster, turnedOff }: Running): Promise<Result<void>> {
  const off = (await inState(cluster.vms, 'off')).filter(vm => !turnedOff.has(vm.spec.id))
  if (off.length === 0) return done
  const names = off.map(vm => vm.spec.name).join(', ')
  return fail(failed(`Cannot pass the scenario: ${names} went off by itself`, { log: off[0]?.logDir ?? '' }))
}

async function meantVm(target: Target, each: Vm | undefined, { cluster, signal }: Running): Promise<Result<Vm>> {
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

async function timed(step: string, act: () => Promise<Result<string>>, { record }: Running): Promise<Result<void>> {
  const start = monotonicMs()
  const result = await act()
  if (!result.ok) return result
  record({ step, seen: result.value, tookMs: monotonicMs() - start })
  return done
}
