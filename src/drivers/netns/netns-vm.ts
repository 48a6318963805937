/** A VM made of namespaces: booted, frozen, thawed, killed and booted again on the same disk. */
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import type { VmSpec } from '../../cluster/spec.ts'
import { failed, usage } from '../../platform/failure.ts'
import { packageRoot } from '../../platform/package-root.ts'
import { poll } from '../../platform/poll.ts'
import { startDetached } from '../../platform/processes/detached.ts'
import { runProcess } from '../../platform/processes/process.ts'
import { done, fail, ok, type Result } from '../../platform/result.ts'
import type { Cut, ExecOptions, Loss, Output, Vm, VmState } from '../driver.ts'
import { Cgroup, type Hierarchies } from './cgroups.ts'
import { loseFrames, restore, separate, silence } from './cuts.ts'
import { imageOf, imagesIn, makeImage, released } from './disk-images.ts'
import { heldBack, inAllNamespacesOf, inCgroup, runGuest, withSecret } from './enter.ts'
import { attachFilters } from './held-back/machine-filters.ts'
import { chooseLatest, hiddenFrom, layersOf } from './layer-sets.ts'
import { connect, disconnect } from './network.ts'
import { VmLogs } from './vm-logs.ts'
import { deviceOf, liftWriteLimits, limitWrites } from './write-limits.ts'

/** Folders that cannot lie on overlayfs (containerd stacks its own on them), or that are read from outside. */
const volumes = ['/var/lib/kubelet', '/var/lib/containerd', '/var/lib/etcd', '/var/log']

/** As the VM's own first process has it: nothing of the caller's. */
const vmEnvironment = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  HOME: '/root',
  LANG: 'C.UTF-8',
}

/**
 * A VM's share of the machine's CPUs, for programs written in Go. Each of these would take all of them for its
 * own, and the threads of dozens of programs stand in each other's way: a cluster at rest takes a fifth more for it.
 */
const processorsOf = (vms: number): string => String(Math.max(1, Math.ceil(availableParallelism() / vms)))

const bootTimeoutMs = 30_000

export interface Surroundings {
  readonly stateDir: string
  readonly clusterId: string
  readonly hierarchies: Hierarchies
  /** See Cluster. */
  readonly patience: () => number
  /** Host pid of the process whose namespaces are the cluster's. */
  readonly holder: number
  readonly all: readonly VmSpec[]
}

export class NetnsVm implements Vm {
  readonly spec: VmSpec
  readonly logs: VmLogs
  readonly #around: Surroundings
  readonly #cgroup: Cgroup
  /** Relative to the state folder, as the overlay's options need it. */
  readonly #folder: string

  constructor(spec: VmSpec, around: Surroundings) {
    this.spec = spec
    this.#around = around
    this.#cgroup = new Cgroup(around.hierarchies, around.clusterId, spec.name)
    this.#folder = join('vms', spec.name)
    this.logs = new VmLogs(around.stateDir, spec.name)
  }

  get patience(): number {
    return this.#around.patience()
  }

  async state(): Promise<VmState> {
    if (this.#init() === undefined) return 'off'
    return this.#cgroup.isFrozen() ? 'stopped' : 'running'
  }

  async boot(signal?: AbortSignal): Promise<Result<void>> {
    if (this.#init() !== undefined) return fail(usage(`Cannot boot "${this.spec.name}": it is already on`))
    this.#cgroup.create()
    rmSync(this.#path('pid'), { force: true })
    mkdirSync(this.logs.folder, { recursive: true })
    const disks = await this.#prepareDisks()
    if (!disks.ok) return disks
    this.#startInit()
    const init = await this.#awaitInit(signal)
    if (signal?.aborted) return this.#interrupted()
    if (init === undefined)
      return fail(
        failed(
          `Cannot boot "${this.spec.name}": its first process did not start within ${this.#bootTimeoutMs / 1000} s`,
          {
            log: this.#path('init.log'),
            last: existsSync(this.#path('init.log')) ? readFileSync(this.#path('init.log'), 'utf8').slice(-500) : '',
          },
        ),
      )
    this.#cgroup.settle()
    // Its disks are mounted, and nothing of its own runs before it has a network.
    const [unified = ''] = this.#cgroup.folders
    const held = await attachFilters(unified, this.spec.name)
    if (!held.ok) return held
    const connected = await connect(this.#around.holder, this.spec, init)
    return connected.ok ? this.#awaitBooted(init, signal) : connected
  }

  commandLine(argv: readonly string[]): Result<readonly string[]> {
    const init = this.#init()
    if (init === undefined) return fail(failed(`Cannot run "${argv.join(' ')}" on "${this.spec.name}": the VM is off`))
    return ok(inCgroup(this.#cgroup.memberFolders, heldBack(inAllNamespacesOf(init, argv))))
  }

  async exec(argv: readonly string[], given: ExecOptions): Promise<Result<Output>> {
    const [line, options] = withSecret(argv, given)
    const command = this.commandLine(line)
    if (!command.ok) return command
    const name = `${argv.join(' ')} (on ${this.spec.name})`
    const env = { ...vmEnvironment, GOMAXPROCS: processorsOf(this.#around.all.length) }
    return runGuest(command.value, { ...options, timeoutMs: options.timeoutMs * this.patience }, { env, name })
  }

  async stop(): Promise<Result<void>> {
    if (this.#init() === undefined) return fail(usage(`Cannot stop "${this.spec.name}": it is off`))
    // Silent first: frozen alone, the kernel would go on answering for it.
    const silenced = await silence(this.#around.holder, this.spec)
    return silenced.ok ? this.#cgroup.freeze(this.patience) : silenced
  }

  async resume(): Promise<Result<void>> {
    if ((await this.state()) !== 'stopped') return fail(usage(`Cannot resume "${this.spec.name}": it is not stopped`))
    const thawed = await this.#cgroup.thaw(this.patience)
    return thawed.ok ? restore(this.#around.holder, this.spec, ['stopped']) : thawed
  }

  async powerOff(): Promise<Result<void>> {
    const killed = await this.#cgroup.kill(this.patience)
    if (!killed.ok) return killed
    const free = await released(imagesIn(this.#path('')), this.patience)
    if (!free.ok) return free
    // Fails when the dying namespace has taken its pairs along already, which is as good.
    await disconnect(this.#around.holder, this.spec)
    const restored = await restore(this.#around.holder, this.spec, ['stopped'])
    if (!restored.ok) return restored
    this.#cgroup.remove()
    rmSync(this.#path('pid'), { force: true })
    return done
  }

  async reset(): Promise<Result<void>> {
    const off = await this.powerOff()
    return off.ok ? this.boot() : off
  }

  async renew(signal?: AbortSignal): Promise<Result<void>> {
    const off = await this.powerOff()
    if (!off.ok) return off
    // What was changed on the old root would hide what is new below it.
    const removed = await this.#remove([this.#path('upper'), this.#path('work')])
    if (!removed.ok) return removed
    chooseLatest(this.#around.stateDir, this.spec.name)
    return this.boot(signal)
  }

  isolate(cut: Cut): Promise<Result<void>> {
    const others = cut.from && this.#around.all.filter(one => cut.from?.includes(one.id))
    return separate(this.#around.holder, this.spec, cut, others)
  }

  lose(loss: Loss): Promise<Result<void>> {
    return loseFrames(this.#around.holder, this.spec, loss)
  }

  async slowDisks(writesPerSecond: number): Promise<Result<void>> {
    const init = this.#init()
    const { name, disks = [] } = this.spec
    const what = `Cannot slow the disks of "${name}"`
    if (init === undefined) return fail(usage(`${what}: it is off`))
    if (disks.length === 0) return fail(usage(`${what}: it has none of its own`))
    const devices = disks.map(({ folder }) => deviceOf(`/proc/${init}/root${folder}`))
    const slowed = devices.every(device => limitWrites(this.#cgroup.folders, device, writesPerSecond))
    return slowed ? done : fail(failed(`${what}: its control group has no limit of writes`))
  }

  async heal(): Promise<Result<void>> {
    liftWriteLimits(this.#cgroup.folders)
    return restore(this.#around.holder, this.spec, ['cut', 'loss'])
  }

  async loseDisk(): Promise<Result<void>> {
    if (this.#init() !== undefined)
      return fail(usage(`Cannot lose the disk of "${this.spec.name}": the VM is on`, { try: 'power it off first' }))
    const folders = volumes.filter(volume => volume !== '/var/log').map(volume => this.#path(`disk${volume}`))
    return this.#remove([...folders, ...imagesIn(this.#path('')), this.#path('upper'), this.#path('work')])
  }

  /** None of them may be in use still: mounted twice, a file system is lost. */
  async #prepareDisks(): Promise<Result<void>> {
    for (const disk of this.spec.disks ?? []) {
      const made = await makeImage(this.#path(imageOf(disk)), disk)
      if (!made.ok) return made
    }
    return released(imagesIn(this.#path('')), this.patience)
  }

  async #remove(folders: readonly string[]): Promise<Result<void>> {
    const removed = await runProcess(['rm', '-rf', '--one-file-system', '--', ...folders])
    if (removed.ok && removed.value.exitCode === 0) return done
    const last = removed.ok ? removed.value.stderr : removed.failure.message
    return fail(failed(`Cannot remove the disk of "${this.spec.name}"`, { last }))
  }

  #path(name: string): string {
    return join(this.#around.stateDir, this.#folder, name)
  }

  /** Host pid of the VM's first process, if that runs. */
  #init(): number | undefined {
    if (!existsSync(this.#path('pid'))) return undefined
    const pid = Number(readFileSync(this.#path('pid'), 'utf8'))
    return this.#cgroup.processes().includes(pid) ? pid : undefined
  }

  #startInit(): void {
    const scripts = join(packageRoot, 'src/drivers/netns')
    const { stateDir, hierarchies, holder, all } = this.#around
    const { disks = [] } = this.spec
    startDetached(
      inCgroup(
        this.#cgroup.folders,
        inAllNamespacesOf(holder, [
          ...['unshare', '--net', '--mount', '--pid', '--uts', '--ipc', '--cgroup', '--fork', '--kill-child'],
          ...['sh', '-c', 'cd "$STATE_DIR" && exec sh "$INIT"'],
        ]),
      ),
      {
        cwd: stateDir,
        log: this.#path('init.log'),
        env: {
          PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
          STATE_DIR: stateDir,
          INIT: join(scripts, 'init.sh'),
          BOOT: join(scripts, 'boot.sh'),
          VM: this.spec.name,
          VM_DIR: this.#folder,
          LOWER: layersOf(stateDir, this.spec.name).join(':'),
          HIDDEN: hiddenFrom(stateDir, this.spec.name).join(' '),
          VOLUMES: volumes.filter(volume => !disks.some(({ folder }) => folder === volume)).join(' '),
          DISKS: disks.map(disk => `${disk.folder}:${imageOf(disk)}`).join(' '),
          GOMAXPROCS: processorsOf(all.length),
          PATIENCE: String(Math.ceil(this.patience)),
          CGROUP_LEGACY: hierarchies.legacy.map(one => `${one.options}:${one.name}`).join(' '),
        },
      },
    )
  }

  #interrupted(): Result<void> {
    return fail({ kind: 'interrupted', message: `Interrupted: "${this.spec.name}" was booting` })
  }

  get #bootTimeoutMs(): number {
    return bootTimeoutMs * this.patience
  }

  #awaitInit(signal: AbortSignal | undefined): Promise<number | undefined> {
    return poll(() => this.#init(), Boolean, { everyMs: 5, withinMs: this.#bootTimeoutMs, signal })
  }

  async #awaitBooted(init: number, signal: AbortSignal | undefined): Promise<Result<void>> {
    const isBooted = () => existsSync(`/proc/${init}/root/run/booted`)
    if (await poll(isBooted, Boolean, { everyMs: 10, withinMs: this.#bootTimeoutMs, signal })) return done
    if (signal?.aborted) return this.#interrupted()
    return fail(
      failed(`Cannot boot "${this.spec.name}": its rc scripts did not end within ${this.#bootTimeoutMs / 1000} s`, {
        log: join(this.logs.folder, 'boot.log'),
      }),
    )
  }
}
