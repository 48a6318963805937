/** Runs the steps of a scenario on a cluster, tells what each one saw, and leaves every VM running. */
import type { Cluster, Vm } from '../drivers/driver.ts'
import { monotonicMs } from '../platform/clock.ts'
import { failed, usage } from '../platform/failure.ts'
import { done, fail, ok, type Result } from '../platform/result.ts'
import { checks } from './checks.ts'
import { eventually } from './eventually.ts'
import { faults, healAll } from './faults.ts'
import { labelControlPlane } from './label-control-plane.ts'
import { withRole } from './select-vms.ts'
import type { CheckStep, FaultStep, Step, Target } from './steps.ts'

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
}

export interface ScenarioOptions {
  readonly cluster: Cluster
  readonly steps: readonly Step[]
  readonly signal: AbortSignal
  /** Told when a step begins, and after it what it saw. */
  readonly log: (line: string) => void
}

/** A bare list of what was done; the failure of the first step that did not hold ends it. */
export async function runScenario({
  cluster,
  steps,
  signal,
  log,
}: ScenarioOptions): Promise<Result<readonly StepRecord[]>> {
  const named = resolveAll(cluster, steps)
  if (!named.ok) return named
  const records: StepRecord[] = []
  const record = (one: StepRecord) => {
    records.push(one)
    log(`${one.step.padEnd(20)} ${`${(one.tookMs / 1000).toFixed(2)} s`.padStart(8)}  ${one.seen}`)
  }
  const outcome = await runSteps(steps, undefined, { cluster, signal, record, log })
  const healed = await healAll(cluster.vms)
  if (!outcome.ok) return outcome
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

function runFault({ verb, target }: FaultStep, each: Vm | undefined, running: Running): Promise<Result<void>> {
  const vm = resolve(running.cluster, target, each)
  if (!vm.ok) return Promise.resolve(vm)
  const act = async () => {
    const result = await faults[verb](vm.value)
    return result.ok ? ok('') : result
  }
  return timed(`${verb} ${vm.value.spec.name}`, act, running)
}

async function timed(step: string, act: () => Promise<Result<string>>, { record }: Running): Promise<Result<void>> {
  const start = monotonicMs()
  const result = await act()
  if (!result.ok) return result
  record({ step, seen: result.value, tookMs: monotonicMs() - start })
  return done
}

/** Every VM that the steps name exists, so that nothing starts that cannot end. */
function resolveAll(cluster: Cluster, steps: readonly Step[], inEach = false): Result<void> {
  for (const step of steps) {
    if (step.kind === 'each') {
      const inside = resolveAll(cluster, step.steps, true)
      if (!inside.ok) return inside
      if (withRole(cluster, step.role).length < (step.first ?? 1))
        return fail(
          usage(
            `Cannot run the scenario: it needs ${step.first ?? 1} VMs of role "${step.role}", and the cluster has ${withRole(cluster, step.role).length}`,
          ),
        )
    }
    if (step.kind !== 'fault' || (step.target === 'each' && inEach)) continue
    const vm = resolve(cluster, step.target, undefined)
    if (!vm.ok) return vm
  }
  return done
}

function resolve(cluster: Cluster, target: Target, each: Vm | undefined): Result<Vm> {
  if (target === 'each')
    return each ? ok(each) : fail(usage('Cannot run the scenario: "each" stands outside of an each'))
  const [role, place] = String(target).split(' ')
  const vm =
    typeof target === 'number'
      ? cluster.vms.find(one => one.spec.id === target)
      : cluster.vms.filter(one => one.spec.roles.some(own => own === role))[Number(place) - 1]
  if (vm) return ok(vm)
  const known = cluster.vms.map(one => one.spec.name).join(', ')
  return fail(failed(`Cannot run the scenario: the cluster has no VM "${target}", only ${known}`))
}
