/** The interface between "a cluster as data" and the machines that some driver makes of it. */
import type { ClusterSpec, VmSpec } from '../cluster/spec.ts'
import type { Result } from '../platform/result.ts'

/** What not every driver can do to a VM. */
export type FaultKind = 'stop' | 'reset' | 'power-off' | 'isolate' | 'loss' | 'lose-disk' | 'fill-disk' | 'slow-disk'

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
  /** Folders in it that a single VM sees: by path, the name of that VM. */
  readonly own?: Readonly<Record<string, string>>
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

/** For a program that wants the name of a file. */
export const secretPath = '/proc/self/fd/3'

export interface ExecOptions {
  /** As on a usual machine: on a slow one it is longer, see `patience`. 0: no limit. */
  readonly timeoutMs: number
  readonly signal?: AbortSignal
  readonly input?: string
  /** What the program finds at `secretPath`, as often as it reads that; on no disk, and gone when it ends. */
  readonly secret?: string
  /** Gets what the program prints as it comes; then the result holds none of it. */
  readonly onOutput?: (text: string, stream: 'stdout' | 'stderr') => void
}

/** Where programs can be run: on a VM, or as a client in a cluster's networks. */
export interface Programs {
  /** How many times longer than usual everything may take here; `exec` knows of it. */
  readonly patience: number
  /** A result for every exit code; a failure when the program could not run, or not in time. */
  exec(argv: readonly string[], options: ExecOptions): Promise<Result<Output>>
  /** The command line of this machine that runs `argv` there, for use with a terminal or as a conversation. */
  commandLine(argv: readonly string[]): Result<readonly string[]>
}

/** What a VM's programs logged. It can be read in every state of the VM, also when its cluster is half made. */
export interface Logs {
  /** "etcd", "kube-apiserver": those that there are, sorted. */
  names(): Promise<readonly string[]>
  /** All of it, or the end of it; empty when there is no such log. */
  read(name: string, lastBytes?: number): Promise<string>
  /** Passes on what there is, then what is added, until the signal; a reset of the VM does not end it. */
  follow(name: string, onText: (text: string) => void, signal: AbortSignal): Promise<void>
  /** Copies all logs, with what lies beside them, into a folder of this machine; false when there is nothing. */
  copyTo(folder: string): Promise<boolean>
}

export interface Driver {
  readonly name: string
  /** Programs of this machine that it starts. */
  readonly hostTools: readonly string[]
  readonly requiresRoot: boolean
  /** What it can do to a VM, on this machine. */
  readonly faults: ReadonlySet<FaultKind>
  /** Usable on this machine? */
  preflight(): Promise<Result<void>>
  create(plan: ClusterPlan, signal: AbortSignal): Promise<Result<Cluster>>
  /** The running cluster of that state folder, rebuilt from what runs and from the folder, never from memory. */
  find(stateDir: string): Promise<Cluster | undefined>
  /** Removes what is left of the cluster of that state folder, running or half made. */
  remove(stateDir: string): Promise<Result<void>>
  /** By VM name, also when the cluster is only half made or does not run any more. */
  logs(stateDir: string): ReadonlyMap<string, Logs>
  /** The process that runs with the cluster of that state folder, and would miss it. */
  inUseBy(stateDir: string): number | undefined
  /** Removes what runs that are gone left below `clustersDir`; resolves to the names of those clusters. */
  sweep(clustersDir: string): Promise<Result<readonly string[]>>
}

export interface Cluster {
  readonly name: string
  readonly spec: ClusterSpec
  /** How many times longer than usual its deadlines are, of booting and of becoming ready: the setting `patience`. */
  readonly patience: number
  readonly stateDir: string
  readonly vms: readonly Vm[]
  /** The client in the cluster's networks, outside of its VMs; ends with the cluster. */
  readonly client: Programs
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

export interface Vm extends Programs {
  readonly spec: VmSpec
  readonly logs: Logs
  state(): Promise<VmState>
  /** Freezes the machine: its processes stand still and its network is silent. */
  stop(): Promise<Result<void>>
  resume(): Promise<Result<void>>
  /** A hard reset: the disk stays, everything else is gone; boots again, also when it was stopped. */
  reset(): Promise<Result<void>>
  powerOff(): Promise<Result<void>>
  /** Boots it anew from the cluster's latest layers: its root is new, what lies on its disks stays. */
  renew(signal?: AbortSignal): Promise<Result<void>>
  boot(signal?: AbortSignal): Promise<Result<void>>
  /** Cuts both interfaces, until healed, also over a reset; replaces an earlier cut. */
  isolate(cut: Cut): Promise<Result<void>>
  /** Until healed, also over a reset; replaces an earlier loss. */
  lose(loss: Loss): Promise<Result<void>>
  /**
   * The disks of its own make no more than so many writes a second, until healed or reset; replaces an earlier limit.
   */
  slowDisks(writesPerSecond: number): Promise<Result<void>>
  /** Undoes cuts, losses and slow disks. */
  heal(): Promise<Result<void>>
  /** The disk of a VM that is off is gone; it boots on an empty one. Its logs stay readable. */
  loseDisk(): Promise<Result<void>>
}
