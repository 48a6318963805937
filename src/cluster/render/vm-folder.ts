/** Where a VM finds what is its own, by its hostname. Which files are there decides what starts on it. */
import type { VmSpec } from '../spec.ts'

/** From the root, without a leading slash. */
export const vmFolder = (vm: VmSpec): string => `etc/k8s-ha/${vm.name}`

export const inVm = (vm: VmSpec, file: string): string => `${vmFolder(vm)}/${file}`

/** As configuration files name it. */
export const vmDir = (vm: VmSpec): string => `/${vmFolder(vm)}`

/** Below the VM's folder: what configures programs of the other version. */
export const otherFolder = 'other'

/** Below the VM's folder: an empty file for each program that is the other version's (overlay/usr/lib/k8s-ha/versions). */
export const runsOtherFolder = 'runs-other'
