/** What a start of a cluster lacks for a CNI of the user's: its files on the nodes, and its installation in time. */
import { isCniFolder } from '../../src/cluster/cni/folder-cni.ts'
import { nodes } from '../../src/cluster/spec.ts'
import type { CheckContext, OptionProblem } from '../../src/engine/workflow/task-type.ts'
import { plannedCluster } from './planned-cluster.ts'
import type { StartWith } from './start-with.ts'

export function cniProblems({ with: options, planned }: CheckContext<StartWith>): readonly OptionProblem[] {
  const spec = plannedCluster(options.cluster, planned)?.spec
  if (spec === undefined || nodes(spec).length === 0 || !isCniFolder(spec.cni)) return []
  const { layers, steps = [] } = options
  const problems: OptionProblem[] = []
  if (!planned.some(({ name, type }) => type === 'make-node-files' && layers.includes(name)))
    problems.push({
      path: ['layers'],
      message: `The nodes of cluster "${options.cluster}" do not get the CNI "${spec.cni}"`,
      try: 'add "node-files" to the needs and to the layers of this task',
    })
  const ready = steps.findIndex(step => step.kind === 'check' && step.check === 'nodes-ready')
  const installed = steps.findIndex(step => step.kind === 'do' && step.action === 'install-cni')
  if (ready !== -1 && (installed === -1 || installed > ready))
    problems.push({
      path: ['steps', ready],
      message: `No node is Ready before the CNI "${spec.cni}" is installed`,
      try: 'add the step "do: install-cni" before this one',
    })
  return problems
}
