/** A result as it lies in a remote cache, and what must be true of it before it is used like one of this machine. */
import { posix } from 'node:path'
import * as v from 'valibot'
import { type Digest, digestOf, isDigest } from '../../platform/digest.ts'
import { systemPath } from '../../platform/file-names.ts'
import { chunkBytes, chunksFit, digestOfChunks } from '../files/content.ts'
import { contentDigest, decodeManifest, type Manifest, type ManifestEntry, outputsOf } from '../store/manifest.ts'
import type { ResultRecord } from '../store/result-cache.ts'
import { isInside } from '../workflow/project-path.ts'

/** Without what belongs to the machine that made it: the marks for `why`. */
export interface RemoteRecord extends Omit<ResultRecord, 'parts'> {
  /** Of the manifest's text, which is a blob when it is not `shortManifest`. */
  readonly manifestBytes: number
}

/** A result in the remote that is not what it should be. */
export class RemoteProblem extends Error {}

const digest = v.custom<Digest>(isDigest)
const amount = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
/** No set-user-id and its like, and what only its owner may read is never shared: see whyNotShared. */
const mode = v.pipe(
  amount,
  v.maxValue(0o777),
  v.check(bits => (bits & 0o044) !== 0),
)
/** Of files that file systems can have: from 1901 on, for some centuries. */
const mtimeUs = v.pipe(v.number(), v.safeInteger(), v.minValue(-(2 ** 31) * 1e6), v.maxValue(2 ** 33 * 1e6))
/** What Linux takes (NAME_MAX, PATH_MAX), below a project's own folder. */
const maxPathBytes = 3_072
const path = v.pipe(v.string(), v.check(isShortPath))
const target = v.pipe(v.string(), v.maxBytes(3_072))
/** For people: a line at most. */
const word = v.pipe(v.string(), v.maxLength(4_096))

/** A manifest of 400,000 files fits. */
const maxManifestBytes = 64 * 1024 * 1024
/** Of a manifest's text, for each object or list in it, with room to spare: the smallest entry has more. */
const bytesPerPart = 16

const recordSchema = v.strictObject({
  version: v.literal(1),
  key: digest,
  manifest: digest,
  manifestBytes: v.pipe(amount, v.maxValue(maxManifestBytes)),
  output: digest,
  task: word,
  at: v.number(),
  durationMs: v.pipe(v.number(), v.minValue(0)),
  sizeBytes: amount,
  note: v.exactOptional(word),
  shortManifest: v.exactOptional(v.string()),
})

const manifestSchema = v.strictObject({
  version: v.literal(1),
  packs: v.exactOptional(v.array(v.strictObject({ digest, size: amount }))),
  entries: v.array(
    v.variant('type', [
      v.strictObject({
        type: v.literal('file'),
        path,
        mode,
        size: amount,
        mtimeUs,
        digest,
        sparse: v.exactOptional(v.literal(true)),
        chunks: v.exactOptional(v.array(digest)),
        packed: v.exactOptional(v.tuple([amount, amount])),
      }),
      v.strictObject({ type: v.literal('folder'), path, mode, mtimeUs }),
      v.strictObject({ type: v.literal('link'), path, target }),
    ]),
  ),
})

export const recordKey = (prefix: string, key: Digest): string => `${prefix}/records/${key.slice(0, 2)}/${key}`

/** The first line is the digest of the rest. Notes name where things came from: without the passwords of URLs. */
export function encodeRecord(record: RemoteRecord): string {
  const note = record.note?.replaceAll(/:\/\/[^\s/]*@/g, '://…@')
  const text = JSON.stringify(note === undefined ? record : { ...record, note })
  return `${digestOf(text)}\n${text}`
}

/** Throws a RemoteProblem. */
export function decodeRecord(sealed: string, key: Digest): RemoteRecord {
  const text = sealed.slice(65)
  if (sealed.slice(0, 65) !== `${digestOf(text)}\n`) throw new RemoteProblem('its record is damaged')
  const parsed = v.safeParse(recordSchema, parseJson(text))
  if (!parsed.success) throw new RemoteProblem('its record has another form')
  if (parsed.output.key !== key) throw new RemoteProblem('its record is that of another fingerprint')
  const { note, ...record } = parsed.output
  // It will be printed.
  return note === undefined ? record : { ...record, note: note.replaceAll(/\p{C}+/gu, ' ') }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

export interface Expected {
  readonly record: RemoteRecord
  /** All that the manifest may touch. */
  readonly outputs: readonly string[]
  /** What this machine has room for. */
  readonly maxBytes: number
}

/** Throws a RemoteProblem. */
export function checkManifest(text: string, { record, outputs, maxBytes }: Expected): Manifest {
  if (digestOf(text) !== record.manifest) throw new RemoteProblem('its manifest is damaged')
  if (hasTooManyParts(text)) throw new RemoteProblem('its manifest does not fit its task')
  const manifest = decodeManifest(text, outputs)
  if (!manifest || !v.is(manifestSchema, manifest)) throw new RemoteProblem('its manifest does not fit its task')
  if (contentDigest(manifest) !== record.output) throw new RemoteProblem('its manifest is that of another result')
  const bytes = manifest.entries.reduce((sum, entry) => sum + (entry.type === 'file' ? entry.size : 0), 0)
  if (bytes !== record.sizeBytes || !manifest.entries.every(hasFittingBlobs))
    throw new RemoteProblem('the sizes in its manifest do not fit')
  if (bytes > maxBytes) throw new RemoteProblem(`it is larger than the cache may be (${bytes} bytes)`)
  const leaving = linkOut(manifest, outputsOf(manifest, outputs))
  if (leaving !== undefined) throw new RemoteProblem(`it has a link that leads out of its outputs ("${leaving}")`)
  return manifest
}

function isShortPath(text: string): boolean {
  const bytes = (name: string) => Buffer.byteLength(systemPath(name))
  return bytes(text) <= maxPathBytes && text.split('/').every(name => bytes(name) <= 255)
}

/** Small ones in millions would take all memory before one could look at them. */
function hasTooManyParts(text: string): boolean {
  let count = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === 0x7b || code === 0x5b) count++
  }
  return count > 16 + text.length / bytesPerPart
}

/** What others may not have, or would not take. */
export function whyNotShared(manifest: Manifest, outputs: readonly string[]): string | undefined {
  const mine = manifest.entries.find(entry => entry.type !== 'link' && (entry.mode & 0o044) === 0)
  if (mine) return `only its owner may read "${mine.path}"; cache: local says that this is meant`
  const long = manifest.entries.find(entry => !isShortPath(entry.path))
  if (long) return `the path "${long.path}" is too long`
  const leaving = linkOut(manifest, outputsOf(manifest, outputs))
  return leaving === undefined ? undefined : `the link "${leaving}" leads out of its outputs`
}

/** The first link that leads, or may lead, out of the outputs. */
const linkOut = (manifest: Manifest, outputs: readonly string[]): string | undefined =>
  manifest.entries.find(entry => entry.type === 'link' && !staysInside(entry.path, entry.target, outputs))?.path

/** `..` only at the start, where it goes up through folders that are known to be none but folders. */
function staysInside(link: string, target: string, outputs: readonly string[]): boolean {
  if (target === '' || target.startsWith('/') || target.includes('\0')) return false
  const steps = target.split('/')
  const down = steps.slice(steps.findIndex(step => step !== '..'))
  if (steps.every(step => step === '..') || down.includes('..')) return false
  const end = posix.join(posix.dirname(link), target)
  return outputs.some(output => isInside(end, output))
}

function hasFittingBlobs(entry: ManifestEntry): boolean {
  if (entry.type !== 'file') return true
  const { size, chunks } = entry
  if (chunks === undefined) return size <= chunkBytes
  return chunksFit(size, chunks) && digestOfChunks(chunks) === entry.digest
}
