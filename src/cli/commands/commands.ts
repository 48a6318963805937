/** Every command: one line in the help, and the file that is loaded when it is used. */
import type { CommandEntry } from '../command.ts'

export const commands: Readonly<Record<string, CommandEntry>> = {
  init: { summary: 'write a small workflow into a folder without a project', load: () => import('./init.ts') },
  flow: { summary: 'run a workflow; without a name, list them', load: () => import('./flow.ts') },
  graph: { summary: 'show the tasks of a workflow and what needs what', load: () => import('./graph.ts') },
  why: { summary: 'show why a task would run, or not', load: () => import('./why.ts') },
  trust: {
    summary: 'let a cloned project name a remote, unpack roots, run commands',
    load: () => import('./trust.ts'),
  },
  env: { summary: 'show every setting, its value and where it came from', load: () => import('./env.ts') },
  doctor: { summary: 'show what this machine has and lacks', load: () => import('./doctor.ts') },
  cluster: { summary: 'look after running clusters', load: () => import('./cluster.ts') },
  vm: { summary: 'stop, reset or isolate a VM of a running cluster', load: () => import('./vm.ts') },
  keepalived: {
    summary: 'install keepalived as it was built, or show its manual',
    load: () => import('./keepalived.ts'),
  },
  cache: { summary: 'look after the cache of results', load: () => import('./cache.ts') },
  logs: { summary: 'show what a task printed', load: () => import('./logs.ts') },
  runs: { summary: 'list the runs whose logs are kept', load: () => import('./runs.ts') },
  completion: { summary: 'print what makes a shell complete', load: () => import('./completion.ts') },
  complete: {
    summary: 'complete a command line',
    hidden: true,
    load: async () => ({ default: (await import('./complete.ts')).completeCommand(commands) }),
  },
  report: { summary: 'show the verdicts of a run, or compare two', load: () => import('./report.ts') },
}
