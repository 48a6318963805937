/** Goes over what the store holds: records with their manifests, and the files that blobs and manifests are. */
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { digestOf, isDigest } from '../../platform/digest.ts'
import { readSealed } from '../../platform/files.ts'
import { entriesOf } from '../../platform/folder-entries.ts'
import { blobsDir, manifestsDir, recordsDir } from './cache-layout.ts'
import type { Manifest } from './manifest.ts'
import { RecordFiles } from './record-files.ts'
import type { ResultRecord } from './result-cache.ts'

export interface StoredFile {
  readonly name: string
  readonly path: string
  readonly sizeBytes: number
  readonly mtimeMs: number
}

export interface StoredRecord extends StoredFile {
  /** Undefined: damaged. */
  readonly record: ResultRecord | undefined
}

export const listBlobs = (cacheDir: string): StoredFile[] => listFiles(blobsDir(cacheDir))
export const listManifests = (cacheDir: string): StoredFile[] => listFiles(manifestsDir(cacheDir))

export function listRecords(cacheDir: string): StoredRecord[] {
  const files = new RecordFiles(recordsDir(cacheDir))
  return listFiles(recordsDir(cacheDir)).map(file => ({
    ...file,
    record: parseRecord(readSealed(files.path(file.name)), file.name),
  }))
}

/** What a record's task made; undefined when the manifest is gone or damaged. */
export function manifestOf(cacheDir: string, { manifest: digest, shortManifest }: ResultRecord): Manifest | undefined {
  try {
    const text = shortManifest ?? readFileSync(join(manifestsDir(cacheDir), digest.slice(0, 2), digest), 'utf8')
    if (digestOf(text) !== digest) return undefined
    const manifest: Manifest = JSON.parse(text)
    return manifest
  } catch {
    return undefined
  }
}

/** keyv wraps what it stores as {"value": …}. */
function parseRecord(text: string | undefined, key: string): ResultRecord | undefined {
  if (text === undefined) return undefined
  try {
    const { value }: { value: ResultRecord } = JSON.parse(text)
    return value.version === 1 && value.key === key && isDigest(value.manifest) ? value : undefined
  } catch {
    return undefined
  }
}

function listFiles(dir: string): StoredFile[] {
  const files: StoredFile[] = []
  for (const folder of entriesOf(dir)) {
    for (const name of entriesOf(join(dir, folder))) {
      const path = join(dir, folder, name)
      const stat = isDigest(name) ? statSync(path, { throwIfNoEntry: false }) : undefined
      if (stat) files.push({ name, path, sizeBytes: stat.size, mtimeMs: stat.mtimeMs })
    }
  }
  return files
}
