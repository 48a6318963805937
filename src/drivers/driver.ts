/** The interface between "a cluster as data" and the machines that some driver makes of it. */
import type { ClusterSpec, VmSpec } from '../cluster/spec.ts'
import type { Result } from '../platform/result.ts'

export type FaultKind =
  | 'stop'
  | 'reset'
  | 'power-off'
  | 'isolate'
  | 'isolate-one-way'
  | 'loss'
  | 'lose-disk'
  | 'fill-disk'
  | 'slow-disk'

/** What no longer passes between a VM and others. */
export interface Cut {
  /** Ids of the other VMs; everyone when absent. */
  readonly from?: readonly number[]
  /** As the VM sees it: what comes in, what goes out. */
  readonly direction: 'both' | 'in' | 'out'
}

/** Frames that get lost in both directions, in a pattern that the seed decides. */
export interface Loss {
  readonly percent: number
  readonly seed: number
}

export interface Layer {
  readonly folder: string
  /** Someone may replace its files while VMs run on them, so the driver takes a snapshot. */
  readonly mayChange: boolean
}

/** What a driver needs to boot. */
export interface ClusterPlan {
  readonly name: string
  readonly spec: ClusterSpec
  /** Stacked, they are every VM's root; the first is on top. */
  readonly layers: readonly Layer[]
  /** Where VMs keep their disks and the driver its state; removed by `destroy`. */
  readonly stateDir: string
}

export interface Output {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

export interface ExecOptions {
  readonly timeoutMs: number
  readonly signal?: AbortSignal
  readonly input?: string
}

export interface Driver {
  readonly name: string
  /** What it can do to a VM. */
  readonly faults: ReadonlySet<FaultKind>
  /** Usable on this machine? */
  preflight(): Promise<Result<void>>
  create(plan: ClusterPlan, signal: AbortSignal): Promise<Result<Cluster>>
  /** The running cluster of that state folder, rebuilt from the kernel and the folder, never from memory. */
  find(stateDir: string): Promise<Cluster | undefined>
  /** Removes what is left of the cluster of that state folder, running or half made. */
  remove(stateDir: string): Promise<Result<void>>
  /** By VM name: where its logs lie, also when the cluster is only half made or its processes are gone. */
  logDirs(stateDir: string): ReadonlyMap<string, string>
  /** The process that runs with the cluster of that state folder, and would miss it. */
  inUseBy(stateDir: string): number | undefined
  /** Removes what runs that are gone left below `clustersDir`; resolves to the names of those clusters. */
  sweep(clustersDir: string): Promise<Result<readonly string[]>>
}

export interface Cluster {
  readonly name: string
  readonly spec: ClusterSpec
  readonly stateDir: string
  readonly vms: readonly Vm[]
  /** The command line of this machine that runs `argv` as a client in the cluster's networks, outside of its VMs. */
  clientCommandLine(argv: readonly string[]): readonly string[]
  /** What VMs boot from that are renewed from now on; the others go on with what they have. */
  replaceLayers(layers: readonly Layer[]): Promise<Result<void>>
  /** From now on this process is the one that runs with it, and ends it unless it is kept again. */
  adopt(): void
  /** Lets it outlive the run that made it, which alone may say so; without that, the next run removes it. */
  keep(): boolean
  /** Idempotent; leaves nothing behind. */
  destroy(): Promise<Result<void>>
}

export type VmState = 'running' | 'stopped' | 'off'

export interface Vm {
  readonly spec: VmSpec
  state(): Promise<VmState>
  /** A result whatever the exit code; a failure when the VM could not run it, or not in time. */
  exec(argv: readonly string[], options: ExecOptions): Promise<Result<Output>>
  /** The command line of this machine that runs `argv` on the VM, for use with a terminal. */
  commandLine(argv: readonly string[]): Result<readonly string[]>
  /** Freezes the machine: its processes stand still and its network is silent. */
  stop(): Promise<Result<void>>
  resume(): Promise<Result<void>>
  /** A hard reset: the disk stays, everything else is gone; boots again, also when it was stopped. */
  reset(): Promise<Result<void>>
  powerOff(): Promise<Result<void>>
  /** Boots it anew from the cluster's latest layers: its root is new, what lies on its disks stays. */
  renew(signal?: AbortSignal): Promise<Result<void>>
  boot(signal?: AbortSignal): Promise<Result<void>>
  /** Cuts both interfaces; replaces an earlier cut. */
  isolate(cut: Cut): Promise<Result<void>>
  /** Replaces an earlier loss. */
  lose(loss: Loss): Promise<Result<void>>
  /** The disks of its own make no more than so many writes a second, until healed or reset; replaces an earlier limit. */
  slowDisks(writesPerSecond: number): Promise<Result<void>>
  /** Undoes cuts, losses and slow disks. */
  heal(): Promise<Result<void>>
  /** The disk of a VM that is off is gone; it boots on an empty one. Its logs stay readable. */
  loseDisk(): Promise<Result<void>>
  /** The VM's logs (/var/log), readable also while it is stopped or off. */
  readonly logDir: string
}
