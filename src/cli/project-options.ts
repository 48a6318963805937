/** The options that every command which works in a project has. */
import type { OptionSpec } from './command.ts'

export const projectOptions: readonly OptionSpec[] = [
  {
    flags: '--set <name=value>',
    description: 'set a parameter of the workflow, or a setting',
    repeat: true,
    completes: 'set',
  },
  {
    flags: '--project <folder>',
    description: 'the project; else the nearest folder with k8s-ha.yaml or workflows/',
    completes: 'folder',
  },
  {
    flags: '--cache-dir <folder>',
    description: "where results and logs are kept; else the project's cache/",
    completes: 'folder',
  },
]
