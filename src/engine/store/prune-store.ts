/** Makes room in the store: results that were not used for longest go first, then what no result names any more. */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { now } from '../../platform/clock.ts'
import { readSealed } from '../../platform/files.ts'
import { entriesOf } from '../../platform/folder-entries.ts'
import { blobsOf } from './manifest.ts'
import { pruneProjects } from './prune-projects.ts'
import { listBlobs, listManifests, listRecords, manifestOf, type StoredFile, type StoredRecord } from './store-walk.ts'

export interface PruneLimits {
  readonly maxSizeBytes?: number
  readonly maxAgeMs?: number
  readonly dryRun?: boolean
}

export interface PruneReport {
  readonly removedRecords: number
  readonly removedBytes: number
  readonly keptBytes: number
}

/** To be called with the store's lock held exclusively: no run reads or writes it meanwhile. */
export function pruneStore(cacheDir: string, limits: PruneLimits): PruneReport {
  const blobs = new Map(listBlobs(cacheDir).map(file => [file.name, file]))
  const manifests = new Map(listManifests(cacheDir).map(file => [file.name, file]))
  const records = byLastUse(cacheDir, listRecords(cacheDir))
  const kept = new Set<StoredFile>()
  const removed: StoredRecord[] = []
  let keptBytes = 0
  let full = false
  for (const { record, lastUse } of records) {
    const needed = neededFiles(cacheDir, record, { blobs, manifests })
    const added = needed?.filter(file => !kept.has(file)).reduce((sum, file) => sum + file.sizeBytes, 0) ?? 0
    const tooOld = limits.maxAgeMs !== undefined && now() - lastUse > limits.maxAgeMs
    // What is older than the first that finds no room goes too, however small it is.
    if (limits.maxSizeBytes !== undefined && keptBytes + added > limits.maxSizeBytes) full = true
    if (!needed || tooOld || full) removed.push(record)
    else {
      for (const file of needed) kept.add(file)
      keptBytes += added
    }
  }
  const unneeded = [...blobs.values(), ...manifests.values()].filter(file => !kept.has(file))
  // Records first: what they name may then be incomplete at any moment without being a hit.
  if (!limits.dryRun) for (const { path } of [...removed, ...unneeded]) rmSync(path, { force: true })
  if (!limits.dryRun && limits.maxAgeMs !== undefined)
    pruneProjects(cacheDir, entriesOf(join(cacheDir, 'projects')), limits.maxAgeMs)
  const removedBytes = [...removed, ...unneeded].reduce((sum, file) => sum + file.sizeBytes, 0)
  return { removedRecords: removed.length, removedBytes, keptBytes }
}

interface Stored {
  readonly blobs: ReadonlyMap<string, StoredFile>
  readonly manifests: ReadonlyMap<string, StoredFile>
}

/** The record's own file and all that it names; undefined when something of it is gone: then it is of no use. */
function neededFiles(cacheDir: string, stored: StoredRecord, { blobs, manifests }: Stored): StoredFile[] | undefined {
  const { record } = stored
  const manifest = record && manifestOf(cacheDir, record)
  if (!manifest) return undefined
  const file = record.shortManifest === undefined ? manifests.get(record.manifest) : undefined
  const named = blobsOf(manifest).map(({ digest }) => blobs.get(digest))
  if (named.some(blob => blob === undefined)) return undefined
  return [stored, ...(file ? [file] : []), ...named.filter(blob => blob !== undefined)]
}

/** The most recently used first. A result whose outputs lie in a project counts as used on the day of the last run. */
function byLastUse(
  cacheDir: string,
  records: readonly StoredRecord[],
): { readonly record: StoredRecord; readonly lastUse: number }[] {
  const days = daysInProjects(cacheDir)
  return records
    .map(record => ({ record, lastUse: Math.max(record.mtimeMs, (days.get(record.name) ?? 0) * 86_400_000) }))
    .sort((a, b) => b.lastUse - a.lastUse || (a.record.name < b.record.name ? -1 : 1))
}

function daysInProjects(cacheDir: string): Map<string, number> {
  const days = new Map<string, number>()
  const projects = join(cacheDir, 'projects')
  for (const project of entriesOf(projects)) {
    const text = readSealed(join(projects, project, 'state'))
    if (text === undefined) continue
    const { tasks }: { tasks: Readonly<Record<string, { key?: string; day: number }>> } = JSON.parse(text)
    for (const { key, day } of Object.values(tasks))
      if (key !== undefined) days.set(key, Math.max(day, days.get(key) ?? 0))
  }
  return days
}
