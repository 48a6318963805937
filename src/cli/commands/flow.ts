/** `k8s-ha flow`: runs a workflow, or lists them. */
import { type Emit, stamped } from '../../engine/events.ts'
import { type RunSummary, runFlow } from '../../engine/run-flow.ts'
import type { HowToRun, WhatToRun } from '../../engine/run-options.ts'
import type { SandboxRunner } from '../../engine/sandbox-runner.ts'
import { sweepClusters } from '../../lifecycle/sweep-clusters.ts'
import { usage } from '../../platform/failure.ts'
import { fail, ok, type Result } from '../../platform/result.ts'
import { recordDirs } from '../../report/record-dirs.ts'
import type { Reporter } from '../../report/reporter.ts'
import type { RunFinished } from '../../report/terminal/summary.ts'
import { chooseReporters } from '../choose-reporters.ts'
import type { CommandSpec, Invocation, ParsedOptions } from '../command.ts'
import { exitCodes } from '../exit-code.ts'
import { type EnsureMachine, sandboxOnReadyMachine, taskTypesOnReadyMachine } from '../machine/machine-needs.ts'
import { type OpenProject, openProject } from '../open-project.ts'
import { projectOptions } from '../project-options.ts'
import { mayRunFingerprints } from '../run-fingerprints.ts'
import { shownValue } from '../settings.ts'
import { terminalFor } from '../signals/lend-terminal.ts'
import { watchSuspension } from '../signals/watch-suspension.ts'
import { withRemote } from '../with-remote.ts'

export default {
  details:
    'Several flows are run as one. What stands after -- goes to the task that has args: true. `flow <name> --help` shows its parameters and tasks.',
  arguments: [
    {
      name: '[flow...]',
      description: 'names, or files that end in .yaml or .yml; name=value is as --set',
      completes: 'flow',
    },
  ],
  assignments: true,
  rest: true,
  options: [
    ...projectOptions,
    {
      flags: '--only <task>',
      description: 'only this task, what it needs, and what cleans up after it',
      repeat: true,
      completes: 'task',
    },
    { flags: '-f, --force', description: 'run every task, even if it is up to date or cached' },
    {
      flags: '--force-task <task>',
      description: 'run this task, even if it is up to date or cached',
      repeat: true,
      completes: 'task',
    },
    { flags: '--adopt', description: 'replace files at outputs that no run of this project made' },
    { flags: '-k, --keep-going', description: 'after a failure go on with what does not need the failed task' },
    { flags: '-j, --concurrency <n>', description: 'tasks at a time; else one per core' },
    { flags: '-n, --dry-run', description: 'show what would run and why; change nothing' },
    { flags: '--run-fingerprints', description: 'with --dry-run: run the fingerprint commands, so that it knows more' },
    { flags: '-w, --watch', description: 'run again whenever a file changes that it depends on, until Ctrl-C' },
    { flags: '--keep', description: 'no clean-up tasks: a started cluster stays' },
    { flags: '--keep-on-failure', description: 'no clean-up tasks when something failed' },
    { flags: '--verify-inputs', description: 'run each task where only its declared inputs exist' },
    { flags: '--no-install', description: 'never install missing programs through apt' },
    { flags: '--json', description: 'one event a line, as JSON, on stdout' },
    { flags: '--junit <file>', description: 'write the result as JUnit XML too', completes: 'file' },
    { flags: '-v, --verbose', description: 'show all that tasks print or printed, and each task that is up to date' },
  ],

  async run(invocation) {
    const concurrency = readConcurrency(invocation.options)
    if (!concurrency.ok) return concurrency
    const workflow = invocation.args
    const opened = await openProject(invocation, workflow)
    if (!opened.ok) return opened
    if (workflow.length === 0) return (await import('./list-flows.ts')).listFlows(opened.value.project, invocation)
    const run = { ...opened.value, workflow, concurrency: concurrency.value }
    if (!invocation.options.flag('watch')) return runWorkflow(run, invocation, invocation.interruption().signal)
    const only = whatToRun(workflow, invocation.options).only
    const { watchFlow } = await import('../watch/watch-flow.ts')
    const watched = {
      project: run.project,
      workflow,
      only,
      run: (signal: AbortSignal) => runWorkflow(run, invocation, signal),
    }
    return watchFlow(watched, invocation)
  },

  async about(invocation) {
    const opened = await openProject(invocation, invocation.args)
    return opened.ok ? (await import('./about-flow.ts')).aboutFlow(opened.value.project, invocation) : opened
  },
} satisfies CommandSpec

interface FlowRun extends OpenProject {
  readonly workflow: readonly string[]
  readonly concurrency: number | undefined
}

/** `signal`: ends it early; what is interrupted is more than that. */
async function runWorkflow(run: FlowRun, invocation: Invocation, signal: AbortSignal): Promise<Result<number>> {
  const { options } = invocation
  const { project, settings, workflow } = run
  const interruption = invocation.interruption()
  const chosen = chooseReporters(invocation, project.cacheDir)
  if (!chosen.ok) return chosen
  const reporter = chosen.value
  const warn = (text: string) => reporter.event(stamped({ type: 'warning', text }))
  interruption.onInterrupt = warn
  const terminal = terminalFor(invocation, reporter)
  const endSuspension = watchSuspension(reporter)
  const settingTexts = new Map([...settings].map(([name, setting]) => [name, shownValue(setting)]))
  if (options.flag('keep')) settingTexts.set('keep', 'true')
  if (options.flag('keepOnFailure')) settingTexts.set('keep-on-failure', 'true')
  const loadDriver = async () => (await import('../../drivers/choose-driver.ts')).chooseDriver(settingTexts)
  const machine = once(() => openMachine({ ...run, settingTexts }, invocation, warn))
  const ensure: EnsureMachine = async needs => (await machine())(needs)
  if (!options.flag('dryRun')) await sweepClusters(project.projectDir, loadDriver, warn)
  const last: RunFinished[] = []
  const summary = await withRemote(run, warn, opened =>
    runFlow(
      { ...opened, taskTypes: taskTypesOnReadyMachine(project.taskTypes, ensure) },
      whatToRun(workflow, options),
      {
        ...wishes(options, project.projectDir),
        ...limits(run),
        sandbox: sandboxOnReadyMachine(lazySandbox, ensure),
        settings: settingTexts,
        ...(terminal ? { terminal } : {}),
        signal,
        hardSignal: interruption.hardSignal,
        emit: lastHeldBack(reporter, last),
      },
    ),
  )
  for (const event of last) {
    if (event.runDir !== undefined) {
      const { reportScenarios } = await import('../report-scenarios.ts')
      await reportScenarios(event.runDir, reporter, invocation)
    }
    reporter.event(event)
  }
  if (summary.ok && mayHaveKept(summary.value, options)) {
    const { keepClusters } = await import('../../lifecycle/keep-clusters.ts')
    const driver = await loadDriver()
    const kept = driver.ok ? await keepClusters(driver.value, project.projectDir) : []
    if (kept.length > 0) warn(`Still running: ${kept.join(', ')}; ./k8s-ha cluster down --all removes them`)
  }
  endSuspension()
  reporter.close()
  return summary.ok ? ok(exitCodeOf(summary.value)) : summary
}

/** A cluster that was to stay has no clean-up task that could be passed over. */
const mayHaveKept = ({ tasks }: RunSummary, options: ParsedOptions): boolean =>
  tasks.some(({ status }) => status === 'kept' || (status === 'failed' && options.flag('keepOnFailure')))

/** Keeps the end of a run with scenarios until their report is made. */
const lastHeldBack =
  (reporter: Reporter, held: RunFinished[]): Emit =>
  event => {
    const hasRecords = event.type === 'run-finished' && event.runDir && recordDirs(event.runDir).length > 0
    if (hasRecords) held.push(event)
    else reporter.event(event)
  }

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  return () => {
    made ??= { value: make() }
    return made.value
  }
}

/** Loaded, like the sandbox, when the first task really runs. */
async function openMachine(
  { project, workflow, settingTexts }: FlowRun & { readonly settingTexts: ReadonlyMap<string, string> },
  { environment, options, interruption }: Invocation,
  say: (text: string) => void,
): Promise<EnsureMachine> {
  const { readyMachine } = await import('../machine/ready-machine.ts')
  const { uncachedNeeds } = await import('../machine/uncached-needs.ts')
  return readyMachine({
    allowed: options.flag('install'),
    environment,
    signal: interruption().signal,
    say,
    lookAhead: () => uncachedNeeds(project, settingTexts, { workflow, only: options.list('only') }),
  })
}

const lazySandbox: SandboxRunner = {
  run: async request => (await import('../engine-sandbox.ts')).engineSandbox.run(request),
}

const whatToRun = (workflow: readonly string[], options: ParsedOptions): WhatToRun => ({
  workflow,
  ...(options.list('only').length === 0 ? {} : { only: options.list('only') }),
  force: options.flag('force'),
  forceTasks: options.list('forceTask'),
})

const wishes = (options: ParsedOptions, projectDir: string): HowToRun => ({
  keepGoing: options.flag('keepGoing'),
  adopt: options.flag('adopt'),
  dryRun: options.flag('dryRun'),
  runFingerprints: mayRunFingerprints(options, projectDir),
  keep: options.flag('keep'),
  keepOnFailure: options.flag('keepOnFailure'),
  verifyInputs: options.flag('verifyInputs'),
})

function limits({ settings, concurrency }: FlowRun): Pick<HowToRun, 'concurrency' | 'pools'> {
  const setting = (name: string) => settings.get(name)?.value ?? ''
  const cores = concurrency ?? Number(setting('concurrency'))
  const pools = [...settings].flatMap(([name, { value }]) =>
    name.startsWith('pools.') ? [[name.slice('pools.'.length), Number(value)] as const] : [],
  )
  return {
    pools: Object.fromEntries(pools),
    ...(cores > 0 ? { concurrency: cores } : {}),
  }
}

function readConcurrency(options: ParsedOptions): Result<number | undefined> {
  const text = options.text('concurrency')
  if (text === undefined) return ok(undefined)
  if (/^[1-9]\d{0,5}$/.test(text)) return ok(Number(text))
  return fail(usage(`Cannot use "${text}" as --concurrency: it must be a whole number from 1`))
}

/** What the failures have in common: 3 when the machine was all that was in the way, 2 when the user's wishes were. */
function exitCodeOf({ status, tasks }: RunSummary): number {
  if (status === 'passed') return 0
  if (status === 'cancelled') return exitCodes.interrupted
  const kinds = new Set(tasks.flatMap(task => (task.failure && task.status === 'failed' ? [task.failure.kind] : [])))
  const [kind] = kinds
  return kind === undefined || kinds.size > 1 ? exitCodes.failed : exitCodes[kind]
}
