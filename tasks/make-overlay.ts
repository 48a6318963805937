/** Task type: everything that goes onto the VMs' root as one tar, and beside it the cluster as data. */
import { existsSync } from 'node:fs'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { plantDefect } from '../src/cluster/defects/plant-defect.ts'
import { describeSpec } from '../src/cluster/describe-spec.ts'
import type { OverlayFile } from '../src/cluster/overlay-file.ts'
import type { Pki } from '../src/cluster/pki/pki.ts'
import { readOverlayFile, readOverlayFolder } from '../src/cluster/read-overlay-folder.ts'
import { describeCluster } from '../src/cluster/render/describe-cluster.ts'
import { renderOverlay } from '../src/cluster/render-overlay.ts'
import { makeTar } from '../src/cluster/tar.ts'
import { defineTaskType, needOutput, type TaskContext } from '../src/engine/workflow/task-type.ts'
import { usage } from '../src/platform/failure.ts'
import { fail, ok, type Result } from '../src/platform/result.ts'
import { overlayCluster } from './cluster/overlay-cluster.ts'
import { type OverlayWith, overlayWith } from './cluster/overlay-with.ts'

type Context = TaskContext<OverlayWith>

/** In the project; declared as inputs by the workflow. */
const overlayFolder = 'overlay'
const keepalivedProgram = 'usr/sbin/keepalived'

export default defineTaskType({
  name: 'make-overlay',
  description: "the VMs' configuration, keys and programs as one tar, and the cluster as data (JSON)",
  schema: overlayWith,
  // It holds private keys.
  secret: true,
  async run(context) {
    const [tarFile, dataFile] = context.outputs
    if (tarFile === undefined || dataFile === undefined)
      return fail(usage('The task type "make-overlay" needs two outputs: the tar and the JSON file to make'))
    const keepalived = await findKeepalived(context)
    if (!keepalived.ok) return keepalived
    const cluster = await overlayCluster(context, keepalived.value.length > 0)
    if (!cluster.ok) return cluster
    const { spec } = cluster.value
    const pki = await readPki(context)
    if (!pki.ok) return pki
    const images = await readImages(context)
    if (!images.ok) return images
    const { defect: wanted } = context.with
    const defect = wanted === 'none' ? undefined : wanted
    const data = { ...cluster.value, pki: pki.value }
    const sources = await readOverlayFolder(join(context.projectDir, overlayFolder), overlayFolder)
    const rendered = renderOverlay(data, sources, [...keepalived.value, ...images.value])
    if (!rendered.ok) return rendered
    const files = defect === undefined ? rendered : plantDefect(defect, rendered.value, spec)
    if (!files.ok) return files
    await writeFile(tarFile, await makeTar(files.value), { mode: 0o600 })
    await writeFile(dataFile, `${JSON.stringify(describeCluster(data, files.value, defect), undefined, 2)}\n`)
    const notes = [
      describeSpec(spec),
      ...(spec.keepalived ? [] : ['keepalived NOT INCLUDED']),
      ...(defect === undefined ? [] : [`DEFECT PLANTED: ${defect}`]),
    ]
    return ok(notes.join(' · '))
  },
})

/** The program, if there is one; its libraries are in the VM image. */
async function findKeepalived(context: Context): Promise<Result<readonly OverlayFile[]>> {
  const { keepalived } = context.with
  const without = (reason: string) => {
    context.log(`keepalived is NOT INCLUDED (${reason}): the VIP is the first load balancer's own address`)
    return ok([])
  }
  if (keepalived === undefined || !context.needs.has(keepalived)) return without('not built')
  const folder = needOutput(context, keepalived)
  if (!folder.ok) return folder
  if (!existsSync(join(folder.value, keepalivedProgram))) return without(`${folder.value} has no ${keepalivedProgram}`)
  return ok([await readOverlayFile(folder.value, keepalivedProgram)])
}

async function readPki(context: Context): Promise<Result<Pki>> {
  const folder = needOutput(context, context.with.pki)
  if (!folder.ok) return folder
  const names = await readdir(folder.value)
  const texts = await Promise.all(names.map(name => readFile(join(folder.value, name), 'utf8')))
  return ok(new Map(names.map((name, index) => [name, texts[index] ?? ''])))
}

async function readImages(context: Context): Promise<Result<readonly OverlayFile[]>> {
  if (context.with.images === undefined) return ok([])
  const folder = needOutput(context, context.with.images)
  if (!folder.ok) return folder
  const names = (await readdir(folder.value)).filter(name => name.endsWith('.tar')).sort()
  const files = await Promise.all(names.map(name => readOverlayFile(folder.value, name)))
  return ok(files.map(file => ({ ...file, path: `usr/share/k8s-ha/images/${file.path}` })))
}
