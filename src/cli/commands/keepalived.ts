/** `k8s-ha keepalived`: what the workflow keepalived-build made, installed or explained. */
import { resolve } from 'node:path'
import { builtKeepalived, installKeepalived, manualPage } from '../../../tasks/keepalived/built-keepalived.ts'
import { loadWorkflow } from '../../engine/load/load-workflow.ts'
import { environment, usage } from '../../platform/failure.ts'
import { runInForeground } from '../../platform/processes/foreground.ts'
import { fail, ok, type Result } from '../../platform/result.ts'
import type { CommandSpec, Invocation } from '../command.ts'
import { debianPackage, findTool } from '../machine/host-tools.ts'
import { openProject } from '../open-project.ts'
import { projectOptions } from '../project-options.ts'

export default {
  arguments: [{ name: '[page]', description: 'the manual page for --man: keepalived.conf, keepalived, genhash' }],
  options: [
    ...projectOptions,
    { flags: '--install <folder>', description: 'copy the installation into a folder' },
    { flags: '--man', description: 'show a manual page; keepalived.conf when none is named' },
  ],

  async run(invocation) {
    const { options } = invocation
    const folder = options.text('install')
    if ((folder === undefined) === !options.flag('man')) return fail(usage('Give one of --install and --man'))
    const installation = await findInstallation(invocation)
    if (!installation.ok) return installation
    if (folder === undefined) return showManual(installation.value, invocation)
    const target = resolve(invocation.cwd, folder)
    const installed = await installKeepalived(installation.value, target)
    if (!installed.ok) return installed
    invocation.console.out(`installed in ${target}\n`)
    return ok(0)
  },
} satisfies CommandSpec

async function findInstallation(invocation: Invocation): Promise<Result<string>> {
  const opened = await openProject(invocation)
  if (!opened.ok) return opened
  const workflow = await loadWorkflow(opened.value.project, 'keepalived-build')
  if (!workflow.ok) return workflow
  const version = workflow.value.params.find(({ name }) => name === 'keepalived')?.value
  return builtKeepalived(opened.value.project.projectDir, String(version))
}

async function showManual(installation: string, { args, environment: variables }: Invocation): Promise<Result<number>> {
  const page = await manualPage(installation, args[0])
  if (!page.ok) return page
  const man = findTool('man')
  if (man === undefined)
    return fail(
      environment('Cannot show a manual page: this machine has no man', {
        try: `apt-get install ${debianPackage('man')}`,
      }),
    )
  const env = { PATH: '/usr/bin:/bin', LANG: 'C.UTF-8', HOME: '/', TERM: variables.TERM ?? 'dumb' }
  return ok(await runInForeground([man, '--local-file', page.value], env))
}
