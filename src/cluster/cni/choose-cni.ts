/** The CNI that the parameter `cni` names. */
import type { ClusterSpec } from '../spec.ts'
import { bridge } from './bridge.ts'
import type { Cni } from './cni.ts'
import { folderCni, isCniFolder } from './folder-cni.ts'
import { ptp } from './ptp.ts'

const cnis: readonly Cni[] = [bridge, ptp]

export const defaultCni = bridge.name

export const cniNames: readonly string[] = cnis.map(({ name }) => name)

/** Of a cluster whose settings were checked: one of those names, or a folder. */
export function cniOf({ cni }: Pick<ClusterSpec, 'cni'>): Cni {
  if (isCniFolder(cni)) return folderCni(cni)
  const found = cnis.find(({ name }) => name === cni)
  if (found === undefined) throw new Error(`no CNI ${cni}`)
  return found
}
