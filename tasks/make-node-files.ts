/** Task type: a layer of VMs with what the user brings for nodes: a CNI's programs, manifests and images, and images. */
import { constants } from 'node:fs'
import { chmod, copyFile, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as v from 'valibot'
import { defaultCni } from '../src/cluster/cni/choose-cni.ts'
import { manifestsFolder } from '../src/cluster/cni/folder-cni.ts'
import { defineTaskType } from '../src/engine/workflow/task-type.ts'
import { together, usage } from '../src/platform/failure.ts'
import { fail, ok } from '../src/platform/result.ts'
import { type Gathered, gather } from './node-files/gather.ts'

const imagesFolder = 'usr/share/k8s-ha/images'

export default defineTaskType({
  name: 'make-node-files',
  description: 'what you bring for nodes: a CNI, and images',
  // What is no folder is for make-overlay to judge.
  schema: v.strictObject({ cni: v.optional(v.string(), defaultCni), images: v.optional(v.string(), '') }),
  // Manifests may be of the kind Secret.
  secret: true,
  async check({ with: options, projectDir }) {
    return (await gather(projectDir, options)).problems
  },
  async run(context) {
    const [output] = context.outputs
    if (output === undefined) return fail(usage('The task type "make-node-files" needs one output: the folder to make'))
    const gathered = await gather(context.projectDir, context.with)
    // They may have changed since they were looked at.
    if (gathered.problems.length > 0)
      return fail(
        together(gathered.problems.map(({ message, try: mend }) => usage(message, mend ? { try: mend } : {}))),
      )
    await mkdir(output, { recursive: true })
    return ok(await copyAll(gathered, output))
  },
})

/** Resolves to how much of what there is. */
async function copyAll({ cni, images }: Gathered, output: string): Promise<string> {
  if (cni !== undefined) {
    for (const name of cni.manifests)
      await copy(join(cni.folder, 'manifests', name), join(output, manifestsFolder), { name, mode: 0o644 })
    for (const name of cni.programs)
      await copy(join(cni.folder, 'bin', name), join(output, 'opt/cni/bin'), { name, mode: 0o755 })
    await copyArchives(join(cni.folder, 'images'), cni.archives, join(output, imagesFolder, 'cni'))
  }
  if (images !== undefined) await copyArchives(images.folder, images.archives, join(output, imagesFolder, 'more'))
  const archives = (cni?.archives.size ?? 0) + (images?.archives.size ?? 0)
  const notes = [
    ...(cni === undefined ? [] : [count(cni.manifests.length, 'manifest'), count(cni.programs.length, 'CNI program')]),
    ...(archives === 0 ? [] : [count(archives, 'image archive')]),
  ]
  return notes.join(', ') || 'none'
}

const count = (number: number, what: string): string => `${number} ${what}${number === 1 ? '' : 's'}`

/** Beside each archive are the names of its images, so that a node sees whether it has them already. */
async function copyArchives(from: string, archives: ReadonlyMap<string, readonly string[]>, to: string): Promise<void> {
  for (const [index, [file, names]] of [...archives].entries()) {
    // By number: a name that users choose would be one of a shell's patterns.
    await copy(join(from, file), to, { name: `${index + 1}.tar`, mode: 0o644 })
    await writeFile(join(to, `${index + 1}.names`), `${names.join('\n')}\n`)
  }
}

async function copy(from: string, folder: string, { name, mode }: { readonly name: string; readonly mode: number }) {
  await mkdir(folder, { recursive: true })
  const to = join(folder, name)
  await copyFile(from, to, constants.COPYFILE_FICLONE)
  await chmod(to, mode)
}
