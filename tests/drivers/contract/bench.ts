/** The driver that is looked at, its machine, and a cluster of three VMs that the tests share. */
import assert from 'node:assert/strict'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import type { Cluster, ClusterPlan, Driver, FaultKind, Layer, Vm } from '../../../src/drivers/driver.ts'
import { poll } from '../../../src/platform/poll.ts'
import { specWith, unwrap } from '../../cluster-data/sample.ts'
import { answers, etcdFolder } from './guest.ts'

/** A driver, and what a test must be able to do to its machine. */
export interface Subject {
  readonly driver: Driver
  /** The VMs' root; its file /etc/edition holds that word, and each VM has its name in /etc/own/<name>/name. */
  layers(edition: string): readonly Layer[]
  /** A process makes the cluster and is killed: while its VMs boot, when they run, or when it has kept it. */
  makeAndDie(plan: ClusterPlan, when: 'booting' | 'running' | 'kept'): Promise<void>
  /** What of that cluster is on the machine, but for its state folder. */
  remains(stateDir: string): readonly string[]
}

/** Folders of single VMs in a root. */
export function writeOwn(root: string): NonNullable<Layer['own']> {
  for (const { name } of spec.vms) {
    mkdirSync(join(root, `etc/own/${name}`), { recursive: true })
    writeFileSync(join(root, `etc/own/${name}/name`), `${name}\n`)
  }
  return Object.fromEntries(spec.vms.map(({ name }) => [`etc/own/${name}`, name]))
}

export const diskMib = 16

/** Three VMs, the first of which has a disk of its own. */
export const spec = (() => {
  const whole = specWith({ k8sDisable: true, nvm: 0, masters: '', lbVms: '', nrouters: 0 })
  const disks = [{ folder: etcdFolder, mib: diskMib }]
  return { ...whole, vms: whole.vms.map((vm, index) => (index === 0 ? { ...vm, disks } : vm)) }
})()

/** What `reachable` says while the first VM is silent. */
export const withoutFirst = ['2 1', '3 1', 'client']

export const never = new AbortController().signal

export class Bench {
  readonly subject: Subject
  readonly folder = mkdtempSync(join(tmpdir(), 'k8s-ha-driver-'))
  readonly clustersDir = join(this.folder, 'clusters')
  #cluster: Cluster | undefined

  constructor(subject: Subject) {
    this.subject = subject
  }

  get cluster(): Cluster {
    assert.ok(this.#cluster)
    return this.#cluster
  }

  get one(): Vm {
    return this.#vm(0)
  }

  get two(): Vm {
    return this.#vm(1)
  }

  get three(): Vm {
    return this.#vm(2)
  }

  #vm(index: number): Vm {
    const vm = this.cluster.vms[index]
    assert.ok(vm)
    return vm
  }

  planOf(name: string): ClusterPlan {
    return { name, spec, layers: this.subject.layers('first'), stateDir: join(this.clustersDir, name) }
  }

  async open(): Promise<void> {
    this.#cluster = unwrap(await this.subject.driver.create(this.planOf('shared'), never))
  }

  async close(): Promise<void> {
    await this.subject.driver.remove(join(this.clustersDir, 'shared'))
    rmSync(this.folder, { recursive: true, force: true })
  }

  assertGone({ stateDir }: ClusterPlan): void {
    assert.equal(existsSync(stateDir), false)
    assert.deepEqual(this.subject.remains(stateDir), [])
  }

  /** Skips the test where the driver cannot do that. */
  lacks(context: TestContext, kind: FaultKind): boolean {
    const isLacking = !this.subject.driver.faults.has(kind)
    if (isLacking) context.skip(`the driver cannot do "${kind}" on this machine`)
    return isLacking
  }

  /** Who does not reach another: "1 2" for the first VM and the second, "client" for a client and the first. */
  async reachable(): Promise<readonly string[]> {
    const { vms, client } = this.cluster
    const running = await Promise.all(vms.map(async vm => ((await vm.state()) === 'running' ? [vm] : [])))
    const pairs = running.flat().flatMap(from => vms.filter(to => to !== from).map(to => ({ from, to })))
    const nameOf = (vm: Vm) => vms.indexOf(vm) + 1
    const asked = pairs.map(async ({ from, to }) =>
      (await answers(from, to)) ? [] : [`${nameOf(from)} ${nameOf(to)}`],
    )
    const [missing, isHeard] = await Promise.all([Promise.all(asked), answers(client, this.one)])
    return [...missing.flat(), ...(isHeard ? [] : ['client'])].sort()
  }

  /** Soon: a neighbour that did not answer is asked again after a second only. */
  async allReachable(): Promise<void> {
    const pace = { everyMs: 100, withinMs: 5_000 }
    const missing = await poll(
      () => this.reachable(),
      seen => seen.length === 0,
      pace,
    )
    assert.deepEqual(missing, [])
  }
}
