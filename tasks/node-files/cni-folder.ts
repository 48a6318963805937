/**
 * A folder with a CNI: `manifests/` to be applied, `bin/` for /opt/cni/bin, `images/` for every node's containerd, and
 * `cni.yaml`, which says what it wants of the VMs. All but the manifests may be missing.
 */
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import * as v from 'valibot'
import { type CniWants, cniMounts } from '../../src/cluster/cni/cni-wants.ts'
import type { OptionProblem } from '../../src/engine/workflow/task-type.ts'
import { architectureProblem } from '../programs/architecture.ts'
import { filesOf, orRefusal } from './folder-files.ts'
import { readImageFolder } from './image-folder.ts'
import { documentsIn, readManifest, type WantedImage } from './manifests.ts'

type Problem = Omit<OptionProblem, 'path'>

export interface CniFolder {
  readonly folder: string
  /** File names. */
  readonly manifests: readonly string[]
  readonly programs: readonly string[]
  readonly archives: ReadonlyMap<string, readonly string[]>
  /** What its pods start, by manifest. */
  readonly images: readonly (readonly [manifest: string, image: WantedImage])[]
  readonly problems: readonly Problem[]
}

const seeDocs = 'docs/cni.md says what belongs there'

export async function readCniFolder(projectDir: string, cni: string): Promise<CniFolder> {
  const folder = resolve(projectDir, cni)
  const cannot = (what: string, mend: string = seeDocs): Problem => ({
    message: `Cannot use the CNI "${cni}": ${what}`,
    try: mend,
  })
  const nothing = { folder, manifests: [], programs: [], archives: new Map(), images: [] }
  if ((await filesOf(folder)) === undefined) return { ...nothing, problems: [cannot('there is no such folder')] }
  const problems: Problem[] = []
  const manifests = ((await filesOf(join(folder, 'manifests'))) ?? []).filter(name => /\.(ya?ml|json)$/.test(name))
  if (manifests.length === 0)
    problems.push(cannot('it has no manifests', `put what "kubectl apply" is to get into ${cni}/manifests (*.yaml)`))
  const images: (readonly [string, WantedImage])[] = []
  for (const name of manifests) {
    const manifest = await orRefusal(readManifest(join(folder, 'manifests', name)))
    if ('problem' in manifest) {
      problems.push(cannot(`manifests/${name}: ${manifest.problem}`))
      continue
    }
    problems.push(...manifest.problems.map(problem => cannot(`manifests/${name}: ${problem}`)))
    images.push(...manifest.images.map(image => [name, image] as const))
  }
  const programs = (await filesOf(join(folder, 'bin'))) ?? []
  for (const name of programs) {
    const problem = await orRefusal(architectureProblem(join(folder, 'bin', name), 'script'))
    const what = typeof problem === 'object' ? problem.problem : problem
    if (what !== undefined) problems.push(cannot(`bin/${name}: ${what}`, 'bring programs for this machine'))
  }
  const loaded = await readImageFolder(join(folder, 'images'), join(cni, 'images'))
  problems.push(...(loaded?.problems ?? []))
  const wants = await readWants(projectDir, cni)
  if ('problem' in wants) problems.push(cannot(`cni.yaml: ${wants.problem}`))
  return { folder, manifests, programs, archives: loaded?.archives ?? new Map(), images, problems }
}

const wantsSchema = v.strictObject({
  mounts: v.optional(
    v.array(v.picklist(cniMounts, issue => `${issue.received} is none of ${cniMounts.join(', ')}`)),
    [],
  ),
  modules: v.optional(v.array(v.pipe(v.string(), v.regex(/^[a-z0-9_-]{1,64}$/i, 'a name of a kernel module'))), []),
})

/** What cni.yaml says; nothing where it is missing. */
export async function readWants(projectDir: string, cni: string): Promise<CniWants | { readonly problem: string }> {
  const file = resolve(projectDir, cni, 'cni.yaml')
  if (!existsSync(file)) return { mounts: [], modules: [] }
  const text = await orRefusal(readFile(file, 'utf8'))
  if (typeof text === 'object') return text
  const [document, ...others] = documentsIn(text)
  if (document === undefined) return { mounts: [], modules: [] }
  if (others.length > 0) return { problem: 'it holds more than one document' }
  if ('problem' in document) return document
  const parsed = v.safeParse(wantsSchema, document.value ?? {})
  if (parsed.success) return parsed.output
  const [issue] = parsed.issues
  const where = (issue.path ?? []).map(({ key }) => String(key)).join('.')
  return { problem: `${where === '' ? '' : `${where}: `}${issue.message}` }
}
