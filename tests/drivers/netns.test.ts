/** VMs made of namespaces do what every driver's must do: real ones, of a few megabytes, without Kubernetes. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { findTool } from '../../src/cli/machine/host-tools.ts'
import { clusterIdOf } from '../../src/drivers/cluster-state.ts'
import { Cgroup, findHierarchies } from '../../src/drivers/netns/cgroups.ts'
import { netnsDriver } from '../../src/drivers/netns/netns-driver.ts'
import { type Subject, writeOwn } from './contract/bench.ts'
import { driverContract } from './contract.ts'
import { makeTinyRoot } from './tiny-root.ts'

const folder = mkdtempSync(join(tmpdir(), 'k8s-ha-netns-'))
after(() => rmSync(folder, { recursive: true, force: true }))

const subject: Subject = {
  driver: netnsDriver(),
  layers(edition) {
    const root = join(folder, edition)
    if (!existsSync(root)) makeTinyRoot(root, edition)
    return [{ folder: root, mayChange: false, own: writeOwn(root) }]
  },
  async makeAndDie(plan, when) {
    const argv = [join(import.meta.dirname, 'make-and-die.ts'), JSON.stringify(plan), when]
    const child = spawn(process.execPath, argv, { stdio: 'inherit' })
    assert.deepEqual(await once(child, 'exit'), [null, 'SIGKILL'])
  },
  remains(stateDir) {
    const hierarchies = findHierarchies()
    const groups = hierarchies ? new Cgroup(hierarchies, clusterIdOf(stateDir)).folders : []
    return [...groups.filter(existsSync), ...mountsBelow(stateDir), ...loopsBelow(stateDir)]
  },
}

const mountsBelow = (stateDir: string): readonly string[] =>
  readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .filter(line => line.includes(`${stateDir}/`))

const loopsBelow = (stateDir: string): readonly string[] =>
  readdirSync('/sys/block').filter(name => {
    const file = `/sys/block/${name}/loop/backing_file`
    return existsSync(file) && readFileSync(file, 'utf8').startsWith(`${stateDir}/`)
  })

async function lacking(): Promise<string | undefined> {
  const usable = await netnsDriver().preflight()
  if (!usable.ok) return usable.failure.message
  const missing = [...netnsDriver().hostTools, 'busybox'].filter(tool => findTool(tool) === undefined)
  return missing.length === 0 ? undefined : `this machine lacks ${missing.join(', ')}`
}

const reason = await lacking()
if (reason === undefined) driverContract(subject)
else test('driver netns', { skip: reason }, () => {})
