/** What VMs have for programs of another version: its configuration, and which programs are of it from the beginning. */
import { type OverlayFile, plain, type TemplatedFile } from '../overlay-file.ts'
import type { VmSpec } from '../spec.ts'
import type { ClusterData } from './cluster-data.ts'
import { inVm, otherFolder, runsOtherFolder, vmDir } from './vm-folder.ts'

type Render = (data: ClusterData, vm: VmSpec) => readonly TemplatedFile[]

/** The same files for the other version of Kubernetes, in a folder of their own. */
export function otherVersion(data: ClusterData, render: Render, vm: VmSpec): readonly TemplatedFile[] {
  const { spec } = data
  if (spec.other?.kubernetes === undefined) return []
  return render({ ...data, spec: { ...spec, kubernetes: spec.other.kubernetes } }, vm).map(file => ({
    ...file,
    path: file.path.replace(inVm(vm, ''), inVm(vm, `${otherFolder}/`)),
    // What they name of their own is beside them; what they share stays where it is.
    variables: { ...file.variables, CONFIG_DIR: `${vmDir(vm)}/${otherFolder}` },
  }))
}

export const startingOther = (vm: VmSpec): readonly OverlayFile[] =>
  (vm.runsOther ?? []).map(program => plain(inVm(vm, `${runsOtherFolder}/${program}`), ''))
