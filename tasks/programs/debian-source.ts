/** The place "Debian's source": the source package from before Debian cut Kubernetes down to kubectl, and Go to build it. */
import { constants } from 'node:fs'
import { copyFile, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fetchFrom } from '../fetch-source.ts'
import { placesOf } from '../sources/places.ts'
import { findSourceArchive } from '../sources/source-archive.ts'
import { parts } from './chosen.ts'
import { keptRoot } from './kept-root.ts'
import type { ProgramPlace } from './product.ts'

export const debianSource = (source: string, version: string): ProgramPlace => ({
  name: "Debian's source",
  origin: 'source',
  async get(folder, context) {
    const archive = findSourceArchive(source, version)
    if (archive === undefined) return `it has no ${version}`
    await mkdir(folder, { recursive: true })
    const places = placesOf(archive, context.settings.get('archive'), context.signal)
    const got = await fetchFrom(places, archive, { ...context, outputs: [join(folder, parts.source)] })
    if (!got.ok && got.failure.kind === 'interrupted') throw context.signal.reason
    if (!got.ok) return (got.failure.last ?? got.failure.message).replaceAll('\n', '; ')
    const root = await keptRoot({ suite: 'bookworm', packages: ['golang-go'] }, context)
    if (!root.ok) return `no root with Go: ${root.failure.message}`
    await copyFile(root.value, join(folder, parts.root), constants.COPYFILE_FICLONE)
    return undefined
  },
})
