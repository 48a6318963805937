/** Results of tasks by fingerprint: a record that names a manifest that names blobs, written in the opposite order. */
import { readFileSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import Keyv from 'keyv'
import { now } from '../../platform/clock.ts'
import { type Digest, digestOf, isDigest } from '../../platform/digest.ts'
import { ifThere, writeAtomically } from '../../platform/files.ts'
import { BlobStore } from './blob-store.ts'
import { manifestsDir, recordsDir } from './cache-layout.ts'
import type { KeptParts } from './kept-parts.ts'
import { blobsOf, contentDigest, decodeManifest, encodeManifest, type Manifest } from './manifest.ts'
import { RecordFiles } from './record-files.ts'

export interface ResultRecord {
  readonly version: 1
  readonly key: Digest
  /** The digest of the manifest's text. */
  readonly manifest: Digest
  /** What the outputs amount to for those who need them: without times. */
  readonly output: Digest
  /** The task that made it, for `cache stats`. */
  readonly task: string
  readonly at: number
  readonly durationMs: number
  readonly sizeBytes: number
  readonly note?: string
  /** What the key was made of, for `why`; marked with the key of the machine that made it. */
  readonly parts?: { readonly by: string; readonly marks: KeptParts }
  /** The manifest's text itself when it is short: a file less for each of many small tasks. */
  readonly shortManifest?: string
}

/** Up to here a manifest is part of its record. */
const shortManifestLength = 2_048

export type ManifestResult = { readonly manifest: Manifest } | { readonly problem: string }

export class ResultCache {
  readonly blobs: BlobStore
  readonly #cacheDir: string
  readonly #files: RecordFiles
  readonly #records: Keyv<ResultRecord>

  constructor(cacheDir: string) {
    this.#cacheDir = cacheDir
    this.blobs = new BlobStore(cacheDir)
    this.#files = new RecordFiles(recordsDir(cacheDir))
    this.#records = new Keyv<ResultRecord>({ store: this.#files, throwOnErrors: true, namespace: undefined })
  }

  /** Undefined: no result, or a record that is damaged, which is the same. */
  async get(key: Digest): Promise<ResultRecord | undefined> {
    const record = await this.#records.get(key)
    if (record?.version !== 1 || record.key !== key || !isDigest(record.manifest)) return undefined
    return record
  }

  /** Whether there was a record that could not be used; known once it was asked for. */
  isDamaged(key: Digest): boolean {
    return this.#files.damaged.has(key)
  }

  /** What a record's task made. Touches nothing. `outputs`: all that the manifest may touch. */
  manifest(record: ResultRecord, outputs: readonly string[]): ManifestResult {
    const bytes = record.shortManifest ?? readBytes(this.#manifestPath(record.manifest))
    if (bytes === undefined) return { problem: 'its manifest is gone' }
    if (digestOf(bytes) !== record.manifest) return { problem: `manifest ${record.manifest.slice(0, 12)}… is damaged` }
    const manifest = decodeManifest(String(bytes), outputs)
    if (!manifest || contentDigest(manifest) !== record.output) return { problem: 'its manifest does not fit its task' }
    return { manifest }
  }

  /** The first blob that is not there whole. Touches nothing. */
  blobProblem(manifest: Manifest): string | undefined {
    for (const blob of blobsOf(manifest)) {
      const problem = this.blobs.problem(blob)
      if (problem) return problem.message
    }
    return undefined
  }

  /** Publishes a result whose blobs are stored already. */
  async put(
    record: Omit<ResultRecord, 'version' | 'manifest' | 'output' | 'at' | 'shortManifest'>,
    manifest: Manifest,
  ): Promise<ResultRecord> {
    const text = encodeManifest(manifest)
    const digest = digestOf(text)
    const short = text.length <= shortManifestLength
    if (!short) this.#writeManifest(digest, text)
    const whole: ResultRecord = {
      version: 1,
      ...record,
      manifest: digest,
      output: contentDigest(manifest),
      at: now(),
      ...(short ? { shortManifest: text } : {}),
    }
    await this.#records.set(record.key, whole)
    return whole
  }

  /** For pruning: the least recently used goes first. */
  touch(key: Digest): void {
    try {
      const at = now() / 1000
      utimesSync(this.#files.path(key), at, at)
    } catch {}
  }

  async delete(key: Digest): Promise<void> {
    await this.#records.delete(key)
  }

  #writeManifest(digest: Digest, text: string): void {
    const path = this.#manifestPath(digest)
    if (readBytes(path)?.toString() !== text) writeAtomically(path, text)
  }

  #manifestPath(digest: Digest): string {
    return join(manifestsDir(this.#cacheDir), digest.slice(0, 2), digest)
  }
}

const readBytes = (path: string): Buffer | undefined => ifThere(() => readFileSync(path))
