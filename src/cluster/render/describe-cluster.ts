/** The cluster as data, for running and judging it: the JSON file beside the overlay's tar. */
import { digestOf } from '../../platform/digest.ts'
import type { OverlayFile } from '../overlay-file.ts'
import type { ClusterSpec, VmSpec } from '../spec.ts'
import type { Timers } from '../timers.ts'
import { type ClientFiles, clientFilesOf } from './clients.ts'
import type { ClusterData } from './cluster-data.ts'
import { etcdClientUrls } from './etcd.ts'
import { apiUrl } from './kubeconfig.ts'
import { vmFolder } from './vm-folder.ts'

export interface ClusterDescription {
  readonly spec: ClusterSpec
  readonly timers: Timers
  /** Where clients find the API; absent without Kubernetes. */
  readonly api?: string
  readonly etcd: readonly string[]
  /** Certificates and kubeconfig for clients outside of the VMs: paths in the overlay. */
  readonly clientFiles: ClientFiles
  /** The planted defect, when there is one. */
  readonly defect?: string
  /** The version of Kubernetes that was wanted, when no place had it. */
  readonly insteadOf?: string
  /** By VM name: the digest of all files that concern it, which decides whether a VM has to boot anew. */
  readonly vmDigests: Readonly<Record<string, string>>
  /** By path: the digest of each file of the overlay, which shows what made a VM boot anew. */
  readonly files: Readonly<Record<string, string>>
}

export function describeCluster(
  { spec, timers, insteadOf }: ClusterData & Pick<ClusterDescription, 'insteadOf'>,
  files: readonly OverlayFile[],
  defect?: string,
): ClusterDescription {
  return {
    spec,
    timers,
    ...(spec.kubernetes ? { api: apiUrl(spec) } : {}),
    etcd: etcdClientUrls(spec),
    clientFiles: clientFilesOf(spec),
    ...(defect === undefined ? {} : { defect }),
    ...(insteadOf === undefined ? {} : { insteadOf }),
    vmDigests: Object.fromEntries(spec.vms.map(vm => [vm.name, digestOfAll(filesOf(vm, spec, files))])),
    files: Object.fromEntries(files.map(file => [file.path, digestOfAll([file])])),
  }
}

/** All but what lies in the folders of other VMs. */
function filesOf(vm: VmSpec, spec: ClusterSpec, files: readonly OverlayFile[]): readonly OverlayFile[] {
  return files.filter(({ path }) => concerns(path, vm, spec))
}

/** Whether a file of the overlay is one of that VM. */
export const concerns = (path: string, vm: VmSpec, spec: ClusterSpec): boolean =>
  !spec.vms.some(other => other.id !== vm.id && path.startsWith(`${vmFolder(other)}/`))

const digestOfAll = (files: readonly OverlayFile[]): string =>
  digestOf(files.map(({ path, mode, content }) => `${path}\0${mode}\0${digestOf(content)}\n`).join(''))
