/** Where a VM finds what is its own, by its hostname. Which files are there decides what starts on it. */
import type { VmSpec } from '../spec.ts'

/** From the root, without a leading slash. */
export const vmFolder = (vm: VmSpec): string => `etc/k8s-ha/${vm.name}`

export const inVm = (vm: VmSpec, file: string): string => `${vmFolder(vm)}/${file}`

/** As configuration files name it. */
export const vmDir = (vm: VmSpec): string => `/${vmFolder(vm)}`
