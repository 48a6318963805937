/** Every command: one line in the help, and the file that is loaded when it is used. */
import type { CommandSpec } from '../command.ts'

export interface CommandEntry {
  readonly summary: string
  readonly load: () => Promise<{ readonly default: CommandSpec }>
}

export const commands: Readonly<Record<string, CommandEntry>> = {
  flow: { summary: 'run a workflow; without a name, list them', load: () => import('./flow.ts') },
  graph: { summary: 'show the tasks of a workflow and what needs what', load: () => import('./graph.ts') },
  why: { summary: 'show why a task would run, or not', load: () => import('./why.ts') },
  env: { summary: 'show every setting, its value and where it came from', load: () => import('./env.ts') },
  doctor: { summary: 'show what this machine has and lacks', load: () => import('./doctor.ts') },
  cluster: { summary: 'look after running clusters', load: () => import('./cluster.ts') },
  vm: { summary: 'stop, reset or isolate a VM of a running cluster', load: () => import('./vm.ts') },
  keepalived: {
    summary: 'install keepalived as it was built, or show its manual',
    load: () => import('./keepalived.ts'),
  },
  cache: { summary: 'look after the cache of results', load: () => import('./cache.ts') },
  runs: { summary: 'list the runs whose logs are kept', load: () => import('./runs.ts') },
  report: { summary: 'show the verdicts of a run, or compare two', load: () => import('./report.ts') },
}
