/** `k8s-ha doctor`: what this machine has and lacks, with the command that mends it. */
import { readFileSync, statfsSync } from 'node:fs'
import { arch, availableParallelism, release, totalmem } from 'node:os'
import { taskTypes } from '../../../tasks/registry.ts'
import { chooseDriver } from '../../drivers/choose-driver.ts'
import type { Driver } from '../../drivers/driver.ts'
import type { Failure } from '../../platform/failure.ts'
import { ok } from '../../platform/result.ts'
import { renderFailure } from '../../report/terminal/render-failure.ts'
import type { CommandSpec } from '../command.ts'
import { exitCodes } from '../exit-code.ts'
import { debianPackage, findTool, hostTools, missingPackages } from '../machine/host-tools.ts'
import { isRoot } from '../machine/install-packages.ts'
import { needsOf } from '../machine/machine-needs.ts'
import { openProject } from '../open-project.ts'
import { formatSize } from '../parse-size.ts'
import { projectOptions } from '../project-options.ts'
import { settingValues } from '../settings.ts'
import { versionText } from '../version-text.ts'

export default {
  details: 'Exit code 3 when something is missing that a task type needs.',
  options: [...projectOptions, { flags: '--json', description: 'as one JSON object' }],

  async run(invocation) {
    const opened = await openProject(invocation)
    if (!opened.ok) return opened
    const { out } = invocation.console
    const settings = settingValues(opened.value.settings)
    const driver = chooseDriver(settings)
    if (!driver.ok) return driver
    const machine = machineLines(opened.value.project.projectDir)
    const users = await usersOfTools(settings)
    const missing = missingPackages(users.keys())
    const usable = await driver.value.preflight()
    const failures: Failure[] = usable.ok ? [] : [usable.failure]
    if (missing.length > 0)
      failures.push({
        kind: 'environment',
        message: `This machine lacks ${missing.join(', ')}`,
        try: `${isRoot() ? '' : 'sudo '}apt-get install -y ${missing.join(' ')}`,
      })
    if (invocation.options.flag('json')) {
      const { name, faults } = driver.value
      const tools = [...users].map(([tool, types]) => ({ ...toolFacts(tool), taskTypes: types }))
      const facts = { machine, tools, driver: { name, isUsable: usable.ok, faults: [...faults] }, missing, failures }
      out(`${JSON.stringify(facts)}\n`)
      return ok(failures.length === 0 ? 0 : exitCodes.environment)
    }
    for (const line of machine) out(`${line}\n`)
    const width = Math.max(...[...users.keys()].map(tool => tool.length))
    out('\nprograms that tasks start\n')
    for (const [tool, types] of users) out(`${toolLine(tool, width)}  ${types.join(', ')}\n`)
    out(`\ndriver\n${driverLine(driver.value, usable.ok)}\n`)
    for (const failure of failures) out(`\n${renderFailure(failure, { color: false })}`)
    return ok(failures.length === 0 ? 0 : exitCodes.environment)
  },
} satisfies CommandSpec

function machineLines(projectDir: string): readonly string[] {
  const disk = statfsSync(projectDir)
  return [
    versionText(),
    `${systemName()}, Linux ${release()}, ${arch()}`,
    `${availableParallelism()} cores, ${formatSize(totalmem())} memory, ${formatSize(disk.bavail * disk.bsize)} free on the project's disk`,
    isRoot() ? 'running as root' : 'not running as root: tasks that make VMs or roots need root',
  ]
}

function systemName(): string {
  try {
    return /^PRETTY_NAME="?([^"\n]*)/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? 'unknown system'
  } catch {
    return 'unknown system'
  }
}

/** Each program, and the task types that start it. */
async function usersOfTools(settings: ReadonlyMap<string, string>): Promise<ReadonlyMap<string, readonly string[]>> {
  const users = new Map<string, string[]>([['bash', ['run']]])
  for (const [name, load] of Object.entries(taskTypes)) {
    const { default: type } = await load()
    for (const tool of needsOf(name, type, settings).hostTools ?? [])
      users.set(tool, [...(users.get(tool) ?? []), name])
  }
  return users
}

const driverLine = ({ name, faults }: Driver, isUsable: boolean): string =>
  isUsable ? `  ✓ ${name}  faults: ${[...faults].join(', ')}` : `  ✗ ${name}  cannot be used`

const toolFacts = (tool: string) => ({
  tool,
  path: findTool(tool) ?? null,
  debianPackage: debianPackage(tool),
  purpose: hostTools[tool]?.for ?? '',
})

function toolLine(tool: string, width: number): string {
  const { path, purpose } = toolFacts(tool)
  const found = path ?? `missing: Debian package ${debianPackage(tool)}`
  return `  ${path ? '✓' : '✗'} ${tool.padEnd(width)}  ${found.padEnd(24)}  ${purpose.padEnd(30)}`
}
