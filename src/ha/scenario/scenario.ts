/**
 * A scenario on a running cluster: probes watch from before the first fault until after the heal; then what they found
 * is measured against the budgets, and judged by the invariants. Every VM is left running, however it ends.
 */
import { withRole } from '../../cluster/spec.ts'
import type { Cluster } from '../../drivers/driver.ts'
import { monotonicMs, sleep, timestamp } from '../../platform/clock.ts'
import { cpuWaitMs } from '../../platform/cpu-wait.ts'
import type { Failure } from '../../platform/failure.ts'
import { ok, type Result } from '../../platform/result.ts'
import { cacheChecksOf } from '../ask/cache-checks.ts'
import { inState } from '../ask/select-vms.ts'
import { versionsOf } from '../ask/versions.ts'
import { healAll } from '../faults/heal-all.ts'
import { refusalsBetween, refusalsOf } from '../logs/refused-certificates.ts'
import { type Endings, endingsOf, restartsBetween } from '../logs/service-restarts.ts'
import { type Probes, startProbes } from '../probes/probes.ts'
import { Journal } from './journal.ts'
import { type Ended, failureOf, judge } from './judge.ts'
import { mendFirst } from './mend-first.ts'
import { runSteps, type StepsContext } from './run-steps.ts'
import type { Outcome, ScenarioOptions } from './scenario-options.ts'
import type { Step } from './steps.ts'
import { untilWell, untilWhole } from './well.ts'

/** Probes see the healthy cluster that long before the first step, and after all is well again. */
const calmMs = 1_000
/** Deadlines on a usual machine: the cluster's patience stretches them. */
const settleWithinMs = 20_000
const recoverWithinMs = 90_000
const healWithinMs = 60_000

/** A failure when it could not even begin; what a broken cluster does is an outcome. */
export async function runScenario(options: ScenarioOptions): Promise<Result<Outcome>> {
  const { cluster, scenario, timers, historyFile, signal, log, tell, seed, defect } = options
  const mended = await mendFirst({ cluster, timers, signal, log, withinMs: recoverWithinMs * cluster.patience })
  if (!mended.ok) return mended
  const versionsBefore = changesVersions(scenario.steps) ? await versionsOf(cluster, signal) : {}
  const startedAt = timestamp()
  const [startMs, waitedMs] = [monotonicMs(), cpuWaitMs()]
  const journal = new Journal({ originMs: monotonicMs(), log, tell })
  const { name, description } = scenario
  tell({ kind: 'scenario-began', data: { scenario: name, description, cluster: cluster.name, defect, seed } })
  const names = scenario.probes
  const probes = await (options.startProbes ?? startProbes)({
    ...{ cluster, names, historyFile, signal, clientTimeoutMs: scenario.clientTimeoutMs },
    onVipChange: change => journal.vipChanged(change),
  })
  if (!probes.ok) return probes
  try {
    const ended = await runProbed(options, journal, probes.value)
    const waited = cpuWaitMs()
    const cpuWait =
      waited === undefined || waitedMs === undefined ? null : (waited - waitedMs) / (monotonicMs() - startMs)
    const record = { ...(await judge(options, journal, { ...ended, versionsBefore })), startedAt, cpuWait }
    return ok({ record, ...failureOf(record, ended.failure) })
  } finally {
    await probes.value.abandon()
  }
}

const changesVersions = (steps: readonly Step[]): boolean =>
  steps.some(
    step => (step.kind === 'fault' && step.verb === 'upgrade') || (step.kind === 'each' && changesVersions(step.steps)),
  )

async function runProbed(options: ScenarioOptions, journal: Journal, probes: Probes): Promise<Ended> {
  const { cluster, scenario, signal, seed, giveUpAfterMs = Number.POSITIVE_INFINITY } = options
  const { patience } = cluster
  const context = { cluster, signal, journal, seed, giveUpAfterMs, writes: probes.writes }
  const settled = await probes.settled(settleWithinMs * patience)
  if (!settled.ok)
    journal.stepEnded('step', { step: 'probes', seen: lastOf(settled.failure), figure: null, holds: false, fromMs: 0 })
  const before = { endings: await endingsOf(cluster), refusals: await refusalsOf(cluster) }
  if (settled.ok) await sleep(calmMs, signal).catch(() => undefined)
  const outcome = settled.ok ? await runSteps(scenario.steps, context) : settled
  const died = await diedUnasked(cluster, journal)
  const brokenVms = new Set([...journal.faults.map(({ vm }) => vm), ...died])
  const healAt = journal.now()
  const vms = cluster.vms.filter(vm => brokenVms.has(vm.spec.name))
  const open = journal.faults.filter(({ toMs }) => toMs === null)
  // Also when the scenario was interrupted: a cluster that is kept must be whole.
  const healed = await healAll({ cluster, vms, signal: AbortSignal.timeout(Math.round(healWithinMs * patience)), open })
  for (const vm of cluster.vms) journal.faultsEnded(vm.spec.name)
  const wanted = { withinMs: Math.min(recoverWithinMs * patience, giveUpAfterMs), timers: options.timers }
  const untilAllIsWell = async (how: StepsContext) => (signal.aborted ? [] : untilWell(how, wanted))
  const asPods = withRole(cluster, 'control-plane').some(({ spec }) => brokenVms.has(spec.name))
  const untilAllIsWhole = async () => (signal.aborted ? [] : untilWhole(context, { ...wanted, asPods }))
  // Where nothing was broken there is nothing to recover from, and looking at every service would disturb what is
  // probed.
  const recovered = brokenVms.size > 0 ? await untilAllIsWell(context) : undefined
  const recoveryMs = recovered?.length === 0 ? journal.now() - healAt : null
  await sleep(calmMs, signal).catch(() => undefined)
  const found = await probes.stop(journal.originMs, journal.faults)
  const unprobed = { ...context, writes: undefined }
  const unwell = [...(recovered ?? (await untilAllIsWell(unprobed))), ...(await untilAllIsWhole())]
  const failure = [outcome, healed, found].find(one => one !== undefined && !one.ok)
  return {
    findings: {
      ...(found.ok ? found.value : nothingFound),
      began: settled.ok,
      tookMs: journal.now(),
      faults: journal.faults,
      healedAtMs: healAt,
      recoveryMs,
      restarts: await unexpectedRestarts(options, journal, before.endings),
      refusals: refusalsBetween(before.refusals, await refusalsOf(cluster)),
      cacheChecks: signal.aborted ? null : await cacheChecksOf(cluster, signal),
      died,
      unwell,
    },
    ...(failure && !failure.ok ? { failure: failure.failure } : {}),
  }
}

const lastOf = ({ message, last }: Failure): string => last ?? message

const nothingFound = {
  ...{ probes: [], vip: [], raft: null, leases: [], nodes: [], watch: null, probeCost: null, late: null },
  ...{ acknowledgedWrites: 0, lostWrites: [], silentMembers: [], orderViolations: [], hashes: [] },
}

/** A VM that is off although no step turned it off has failed, no matter what the checks saw. */
async function diedUnasked(cluster: Cluster, journal: Journal): Promise<readonly string[]> {
  const asked = journal.faults.filter(({ toMs }) => toMs === null).map(({ vm }) => vm)
  const off = await inState(cluster.vms, 'off')
  return off.map(vm => vm.spec.name).filter(name => !asked.includes(name))
}

async function unexpectedRestarts({ cluster, scenario }: ScenarioOptions, journal: Journal, before: Endings) {
  const hit = new Set(journal.faults.map(({ vm }) => vm))
  return restartsBetween(before, await endingsOf(cluster))
    .filter(({ vm, service }) => !hit.has(vm) && !scenario.mayRestart.includes(service))
    .map(({ vm, service }) => `${vm} ${service}`)
}
