/** The rendered files of an overlay while a defect is planted: each change must change something, or is a problem. */
import { type OverlayFile, plain } from '../overlay-file.ts'
import { inVm, otherFolder } from '../render/vm-folder.ts'
import { type ClusterSpec, type Role, type VmSpec, withRole } from '../spec.ts'

export class PatchedOverlay {
  readonly spec: ClusterSpec
  readonly problems: string[] = []
  readonly #files: Map<string, OverlayFile>

  constructor(files: readonly OverlayFile[], spec: ClusterSpec) {
    this.spec = spec
    this.#files = new Map(files.map(file => [file.path, file]))
  }

  /** Sorted as they were. */
  get files(): readonly OverlayFile[] {
    return [...this.#files.values()].sort((a, b) => (a.path < b.path ? -1 : 1))
  }

  vms(role: Role): readonly VmSpec[] {
    const vms = withRole(this.spec, role)
    if (vms.length === 0) this.problems.push(`the cluster has no VM of role ${role}`)
    return vms
  }

  /** The VM at that place in its role, counted from 1; none when the cluster is too small. */
  vm(role: Role, place: number): readonly VmSpec[] {
    const vm = withRole(this.spec, role)[place - 1]
    if (vm === undefined) this.problems.push(`the cluster has fewer than ${place} VMs of role ${role}`)
    return vm === undefined ? [] : [vm]
  }

  /** Names of files in the VM's folder that begin so: "vrrp-". */
  filesOf(vm: VmSpec, beginning: string): readonly string[] {
    const folder = inVm(vm, '')
    const names = [...this.#files.keys()].filter(path => path.startsWith(folder + beginning))
    if (names.length === 0) this.problems.push(`there is no ${folder}${beginning}*`)
    return names
  }

  /** A `pattern` that is global replaces all that match. */
  replace(path: string, pattern: RegExp, text: string): void {
    const file = this.#files.get(path)
    if (file === undefined) {
      this.problems.push(`there is no ${path}`)
      return
    }
    const before = Buffer.from(file.content).toString('utf8')
    const content = before.replace(pattern, text)
    if (content === before) this.problems.push(`${path} has nothing that matches ${pattern}`)
    else this.#files.set(path, { ...file, content })
  }

  /** Also in what configures programs of another version on these VMs. */
  replaceIn(vms: readonly VmSpec[], file: string, change: readonly [pattern: RegExp, text: string]): void {
    for (const vm of vms) {
      this.replace(inVm(vm, file), ...change)
      const other = inVm(vm, `${otherFolder}/${file}`)
      if (this.#files.has(other)) this.replace(other, ...change)
    }
  }

  /** The content of one file instead of that of another. */
  copy(from: string, to: string): void {
    const [source, target] = [from, to].map(path => this.#files.get(path))
    if (source && target) this.#files.set(to, { ...target, content: source.content })
    else this.problems.push(`there is no ${source ? to : from}`)
  }

  remove(paths: readonly string[]): void {
    for (const path of paths) if (!this.#files.delete(path)) this.problems.push(`there is no ${path}`)
  }

  add(path: string, content: string): void {
    if (this.#files.has(path)) this.problems.push(`there is a ${path} already`)
    this.#files.set(path, plain(path, content))
  }
}
