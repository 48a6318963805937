/** Task type: the container images that nodes need, made of the static busybox in the VM image. */
import { createReadStream } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { createZstdDecompress } from 'node:zlib'
import { extract } from 'tar-stream'
import * as v from 'valibot'
import { imageName, imagePlans, makeImage } from '../src/cluster/container-image.ts'
import { defineTaskType, needOutput } from '../src/engine/workflow/task-type.ts'
import { failed, usage } from '../src/platform/failure.ts'
import { fail, ok } from '../src/platform/result.ts'

export default defineTaskType({
  name: 'make-images',
  description: 'the container images that nodes need (pause, test-app)',
  /** The need that made the root archive with /bin/busybox. */
  schema: v.strictObject({ root: v.string() }),
  async run(context) {
    const [folder] = context.outputs
    if (folder === undefined) return fail(usage('The task type "make-images" needs one output: the folder to make'))
    const root = needOutput(context, context.with.root)
    if (!root.ok) return root
    const busybox = await readFromArchive(root.value, ['bin/busybox', 'usr/bin/busybox'])
    if (busybox === undefined)
      return fail(
        failed(`Cannot make container images: ${root.value} has no /bin/busybox`, {
          try: 'add the package busybox-static to that root',
        }),
      )
    const plans = imagePlans(busybox)
    await mkdir(folder, { recursive: true })
    for (const plan of plans) await writeFile(join(folder, `${imageName(plan.reference)}.tar`), await makeImage(plan))
    return ok(plans.map(({ reference }) => reference).join(', '))
  },
})

/** The first regular file under one of these paths in a .tar.zst; reads no further than to it. */
async function readFromArchive(archive: string, paths: readonly string[]): Promise<Uint8Array | undefined> {
  const entries = extract()
  const abort = new AbortController()
  const fed = pipeline(createReadStream(archive), createZstdDecompress(), entries, { signal: abort.signal })
  // The loop below meets the same error; ending it early is none.
  fed.catch(() => {})
  let found: Uint8Array | undefined
  for await (const entry of entries) {
    if (entry.header.type === 'file' && paths.includes(entry.header.name.replace(/^\.?\//, ''))) {
      found = await buffer(entry)
      break
    }
    entry.resume()
  }
  abort.abort()
  return found
}
