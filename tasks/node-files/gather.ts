/** What nodes get besides k8s-ha's own files: a CNI of the user's, and images; read and judged, not yet copied. */
import { resolve } from 'node:path'
import { isCniFolder } from '../../src/cluster/cni/folder-cni.ts'
import type { OptionProblem } from '../../src/engine/workflow/task-type.ts'
import { type CniFolder, readCniFolder } from './cni-folder.ts'
import { readImageFolder } from './image-folder.ts'
import { fullName } from './image-names.ts'

export interface NodeFilesWith {
  readonly cni: string
  /** A folder, or empty. */
  readonly images: string
}

export interface Gathered {
  readonly cni?: CniFolder
  readonly images?: { readonly folder: string; readonly archives: ReadonlyMap<string, readonly string[]> }
  readonly problems: readonly OptionProblem[]
}

/** Made by make-images, on every node. */
const ownImages = 'k8s-ha.local/'

export async function gather(projectDir: string, { cni, images }: NodeFilesWith): Promise<Gathered> {
  const problems: OptionProblem[] = []
  const folder = isCniFolder(cni) ? await readCniFolder(projectDir, cni) : undefined
  problems.push(...(folder?.problems ?? []).map(problem => ({ path: ['cni'], ...problem })))
  const loaded = images === '' ? undefined : await readImageFolder(resolve(projectDir, images), images)
  const cannot = (what: string, mend: string) =>
    problems.push({ path: ['images'], message: `Cannot use the images of "${images}": ${what}`, try: mend })
  if (images !== '' && loaded === undefined)
    cannot('there is no such folder', 'name a folder with image archives, as docker save makes them')
  if (loaded !== undefined && loaded.archives.size + loaded.problems.length === 0)
    cannot('it is empty', 'save images there: docker save --output FILE NAME:TAG')
  problems.push(...(loaded?.problems ?? []).map(problem => ({ path: ['images'], ...problem })))
  if (folder !== undefined)
    problems.push(...missingImages(cni, folder, [...folder.archives.values(), ...(loaded?.archives.values() ?? [])]))
  return {
    ...(folder === undefined ? {} : { cni: folder }),
    ...(loaded === undefined ? {} : { images: { folder: resolve(projectDir, images), archives: loaded.archives } }),
    problems,
  }
}

/** No registry can be reached from a VM, so a pod without its image would wait for ever. */
function missingImages(cni: string, folder: CniFolder, archives: readonly (readonly string[])[]): OptionProblem[] {
  const there = new Set(archives.flat())
  const problems = new Map<string, OptionProblem>()
  for (const [manifest, { name, isAlwaysPulled }] of folder.images) {
    const wanted = `the image "${name}" of manifests/${manifest}`
    const problem = (what: string, mend: string) =>
      problems.set(name, { path: ['cni'], message: `Cannot use the CNI "${cni}": ${wanted} ${what}`, try: mend })
    if (name.includes('@')) problem('is named by its digest, which archives do not keep', 'name it by its tag alone')
    else if (!there.has(fullName(name)) && !name.startsWith(ownImages))
      problem('is in no archive', `docker save --output ${cni}/images/${fileNameOf(name)}.tar ${name}`)
    else if (isAlwaysPulled) problem('would be pulled from a registry', 'set its imagePullPolicy to IfNotPresent')
  }
  return [...problems.values()]
}

const fileNameOf = (image: string): string => image.replace(/^.*\//, '').replace(/:.*$/, '')
