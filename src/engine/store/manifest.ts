/** What a task made, as it is stored: path by path, with the blobs that hold the contents. */
import { type Digest, digestOf, isDigest } from '../../platform/digest.ts'
import { isCanonical } from '../../platform/file-names.ts'
import { chunkBytes, chunkSize } from '../files/content.ts'
import { isUnfinished } from '../files/output-place.ts'
import { describeFile, describeFolder, describeLink, maxKeptPermissions } from '../files/tree.ts'
import { globsAmong, type OutputGlobs, placesAmong } from '../workflow/output-globs.ts'
import { upwards } from '../workflow/project-path.ts'

/** Paths are relative to the project; times are in microseconds since the epoch. */
export type ManifestEntry =
  | {
      readonly type: 'file'
      readonly path: string
      readonly mode: number
      readonly size: number
      readonly mtimeUs: number
      readonly digest: Digest
      /** It took less of the disk than its size: what is only zeros is not written when it is restored. */
      readonly sparse?: true
      /** Present when the content is stored in several blobs. */
      readonly chunks?: readonly Digest[]
      /** Present when the content lies in a pack: which one of the manifest's, and from which byte on. */
      readonly packed?: readonly [pack: number, at: number]
    }
  | { readonly type: 'folder'; readonly path: string; readonly mode: number; readonly mtimeUs: number }
  | { readonly type: 'link'; readonly path: string; readonly target: string }

export interface SizedBlob {
  readonly digest: Digest
  readonly size: number
}

export interface Manifest {
  readonly version: 1
  /** Blobs of which each holds several small files, one after the other. */
  readonly packs?: readonly SizedBlob[]
  /** Folders before what they hold, grouped by output. */
  readonly entries: readonly ManifestEntry[]
}

export const encodeManifest = (manifest: Manifest): string => JSON.stringify(manifest)

/** Undefined when the text is no manifest, or one that would write outside of the task's outputs. */
export function decodeManifest(text: string, outputs: readonly string[]): Manifest | undefined {
  try {
    const manifest: Manifest = JSON.parse(text)
    if (manifest.version !== 1 || !Array.isArray(manifest.entries)) return undefined
    return isSafe(manifest, outputs) ? manifest : undefined
  } catch {
    return undefined
  }
}

/** The same digest that digestOfOutputs gives once the manifest is restored. */
export function contentDigest(manifest: Manifest): Digest {
  let text = ''
  for (const entry of manifest.entries) {
    if (entry.type === 'file') text += describeFile(entry.path, entry.mode, entry.size, entry.digest)
    else if (entry.type === 'folder') text += describeFolder(entry.path, entry.mode)
    else text += describeLink(entry.path, entry.target)
  }
  return digestOf(text)
}

export type FileEntry = ManifestEntry & { readonly type: 'file' }

/** The blobs that hold a file which lies in no pack. */
export const ownBlobs = ({ digest, size, chunks }: FileEntry): readonly SizedBlob[] =>
  chunks?.map((chunk, at) => ({ digest: chunk, size: chunkSize(size, at) })) ?? [{ digest, size }]

/** Every blob that the manifest names, each once. */
export function blobsOf({ packs = [], entries }: Manifest): readonly SizedBlob[] {
  const blobs = new Map(packs.map(pack => [pack.digest, pack]))
  for (const entry of entries) {
    if (entry.type !== 'file' || entry.packed) continue
    for (const blob of ownBlobs(entry)) blobs.set(blob.digest, blob)
  }
  return [...blobs.values()]
}

/** Of something in a folder: neither nothing, nor a dot or two. */
const isName = (name: string): boolean =>
  name !== '' && name !== '.' && name !== '..' && !name.includes('\0') && isCanonical(name)

/** Every path is an output, or a name in a folder that the manifest itself makes: never behind a link. */
function isSafe(manifest: Manifest, outputs: readonly string[]): boolean {
  const { packs = [] } = manifest
  if (!Array.isArray(packs) || !packs.every(isPack)) return false
  const made = new Map<string, ManifestEntry['type']>()
  const globs = globsAmong(outputs)
  const places = placesAmong(outputs)
  for (const entry of manifest.entries) {
    const { path } = entry
    if (typeof path !== 'string' || made.has(path)) return false
    if (globs && isGlobbed(entry, globs)) {
      if (!path.split('/').every(isName) || isUnfinished(path)) return false
    } else if (!places.includes(path)) {
      const slash = path.lastIndexOf('/')
      if (slash < 0 || made.get(path.slice(0, slash)) !== 'folder' || !isName(path.slice(slash + 1))) return false
    }
    made.set(path, entry.type)
    if (entry.type !== 'link' && !isMode(entry.mode)) return false
    if (entry.type === 'folder') continue
    if (entry.type === 'file') {
      if (!isDigest(entry.digest) || !(entry.chunks ?? []).every(isDigest)) return false
      if (!isAmount(entry.size) || !isPlaced(entry, packs)) return false
    } else if (entry.type !== 'link' || typeof entry.target !== 'string') return false
  }
  const underOthers = (path: string) => [...upwards(path)].slice(1).some(folder => made.has(folder))
  if (globs && manifest.entries.some(entry => isGlobbed(entry, globs) && underOthers(entry.path))) return false
  return places.every(place => made.has(place)) && globs?.unmatched([...made.keys()]) === undefined
}

/** Globs match files and links, each a result of its own: what lies in their folders is looked at when it is restored. */
const isGlobbed = ({ type, path }: ManifestEntry, globs: OutputGlobs): boolean => type !== 'folder' && globs.own(path)

/** The outputs that the manifest holds: places, and the files that globs matched. */
export function outputsOf({ entries }: Manifest, outputs: readonly string[]): readonly string[] {
  const globs = globsAmong(outputs)
  if (!globs) return outputs
  return [...placesAmong(outputs), ...entries.flatMap(entry => (isGlobbed(entry, globs) ? [entry.path] : []))]
}

const isAmount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0

const isMode = (value: unknown): boolean => isAmount(value) && value <= maxKeptPermissions

const isPack = ({ digest, size }: SizedBlob): boolean => isDigest(digest) && isAmount(size) && size <= chunkBytes

/** In no pack, or whole in one that there is. */
function isPlaced({ packed, size, chunks }: FileEntry, packs: readonly SizedBlob[]): boolean {
  if (packed === undefined) return true
  if (!Array.isArray(packed) || packed.length !== 2 || chunks) return false
  const [pack, at] = packed
  return isAmount(at) && at + size <= (packs[pack]?.size ?? -1)
}
