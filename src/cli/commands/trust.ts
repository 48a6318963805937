/** `k8s-ha trust`: says that a project which came from elsewhere may do what it wants. */
import { resolve } from 'node:path'
import { usage } from '../../platform/failure.ts'
import { fail, ok, type Result } from '../../platform/result.ts'
import { systemFailure } from '../../platform/system-error.ts'
import type { CommandSpec, Invocation, ParsedOptions } from '../command.ts'
import { openProject } from '../open-project.ts'
import { nearestProject } from '../project-folder.ts'
import { remoteOfProject, type Trusting } from '../trust/distrust.ts'
import { distrust, trust, trustedProjects, trustFile } from '../trust/trusted-projects.ts'

export default {
  details: `A clone may name a remote cache, unpack sandbox roots and have fingerprint commands run once its folder is trusted.
Look at its k8s-ha.yaml and workflows/ first. Your own projects need no trust, and with K8S_HA_TRUST=1, as in CI, none does.`,
  arguments: [{ name: '[folder]', description: 'the project; else the nearest', completes: 'folder' }],
  options: [
    { flags: '--remove', description: 'trust it no longer' },
    { flags: '--list', description: 'show the trusted projects' },
  ],

  async run(invocation) {
    const { args, options, console, environment } = invocation
    if (options.flag('list')) {
      for (const folder of Object.keys(trustedProjects(environment)).sort()) console.out(`${folder}\n`)
      return ok(0)
    }
    const project = args[0] ?? environment.K8S_HA_PROJECT ?? nearestProject(invocation.cwd)
    if (project === undefined) return fail(usage(`There is no project in ${invocation.cwd} or above`))
    const opened = await openProject(
      { ...invocation, options: inProject(resolve(invocation.cwd, project), options) },
      [],
      { anyOwner: true },
    )
    if (!opened.ok) return opened
    const {
      settings,
      project: { projectDir },
    } = opened.value
    return decide({ projectDir, settings, environment }, invocation)
  },
} satisfies CommandSpec

function decide(trusting: Trusting, { options, console, environment }: Invocation): Result<number> {
  const remote = remoteOfProject(trusting)
  const { projectDir } = trusting
  try {
    if (options.flag('remove')) distrust(trusting)
    else trust(trusting, remote)
  } catch (error) {
    return fail(systemFailure(`Cannot write ${trustFile(environment)}`, error))
  }
  const named = remote === undefined ? '' : `, with the remote cache ${remote}`
  console.out(options.flag('remove') ? `no longer trusted: ${projectDir}\n` : `trusted: ${projectDir}${named}\n`)
  return ok(0)
}

const inProject = (project: string, options: ParsedOptions): ParsedOptions => options.with({ project })
