/** The cache folder itself: that it is one, that nothing of it leads elsewhere, and who may look into it. */
import { chmodSync, lstatSync, mkdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Failure, usage } from '../../platform/failure.ts'
import { codeOf, ifThere, makeFolder } from '../../platform/files.ts'
import { entriesOf } from '../../platform/folder-entries.ts'
import { displayPath, isInside, upwards } from '../workflow/project-path.ts'

/** The mark of https://bford.info/cachedir/: backups leave such a folder out. The second line is our own. */
const tagFile = 'CACHEDIR.TAG'
const ownLine = '# This folder is a cache of k8s-ha.'
const tag = `Signature: 8a477f597d28d172789f06886806bc55\n${ownLine}\n# What it holds can be made again: cache/README.md of k8s-ha.\n`

/** The folders in it, with the names that are given to what lies there: nothing else is removed from them. */
const partNames: Readonly<Record<string, RegExp>> = {
  blobs: /^[0-9a-f]{2}$/,
  manifests: /^[0-9a-f]{2}$/,
  records: /^[0-9a-f]{2}$/,
  projects: /^[0-9a-f]{16}$/,
  tmp: /^([0-9a-f]{64}|\d+-[0-9a-z.]+-\d+)/,
  runs: /^\d{8}-\d{6}(-\d+)?$/,
  layers: /^([0-9a-f]{64}|used|digests)$/,
  scratch: /^\d+-\d+-/,
  downloads: /^[0-9a-f]{64}/,
  'build-roots': /^[0-9a-f]{32}\./,
  'build-times': /\.json$/,
  'go-build': /^[0-9a-f]{16}-/,
  'go-modules': /^[0-9a-f]{16}-/,
}

/** Of the project's own `cache/`, whichever folder is the cache. */
const projectParts = ['clusters', 'stage', 'lock', 'made']

/** Roots of clusters and sandboxes with all their programs, disks of VMs, logs: nobody else is to look into them. */
const privateParts = ['layers', 'scratch', 'build-roots', 'runs']

interface Folders {
  readonly projectDir: string
  readonly cacheDir: string
}

/** Names in a part that are of the cache's own form. */
export const ownNames = (cacheDir: string, part: string): readonly string[] =>
  entriesOf(join(cacheDir, part)).filter(name => partNames[part]?.test(name) ?? false)

/** Why the cache cannot be used, or anything be removed from it; touches nothing. */
export function cacheProblem({ projectDir, cacheDir }: Folders): Failure | undefined {
  const link = linkIn({ projectDir, cacheDir })
  if (link !== undefined)
    return usage(`Cannot use the cache: "${displayPath(projectDir, link)}" is a link, to ${readlinkSync(link)}`, {
      try: 'put a folder in its place; --cache-dir or K8S_HA_CACHE_DIR names a cache elsewhere',
    })
  if (isTagged(cacheDir)) return undefined
  for (const [part, form] of Object.entries(partNames)) {
    const foreign = entriesOf(join(cacheDir, part)).find(name => !form.test(name) && !name.startsWith('.'))
    if (foreign !== undefined)
      return usage(`Cannot use ${cacheDir} as a cache: it holds what k8s-ha did not make ("${part}/${foreign}")`, {
        try: 'name an empty folder, or one that does not exist, by --cache-dir, K8S_HA_CACHE_DIR or cacheDir: in k8s-ha.yaml',
      })
  }
  return undefined
}

/** Before anything is kept in it: marks it as a cache. Throws what the system says. */
export function claimCache({ projectDir, cacheDir }: Folders): void {
  makeFolder(cacheDir)
  if (!isTagged(cacheDir)) writeFileSync(join(cacheDir, tagFile), tag)
  for (const part of privateParts) makePrivate(join(cacheDir, part))
  makeFolder(join(projectDir, 'cache'))
  makePrivate(join(projectDir, 'cache', 'clusters'))
}

function makePrivate(folder: string): void {
  try {
    mkdirSync(folder, { mode: 0o700 })
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error
    if ((lstatSync(folder).mode & 0o077) !== 0) chmodSync(folder, 0o700)
  }
}

const isTagged = (cacheDir: string): boolean =>
  ifThere(() => readFileSync(join(cacheDir, tagFile), 'utf8'))?.includes(ownLine) ?? false

/** A project that somebody cloned may bring links: in the project, no part of the way to the cache may be one. */
function linkIn({ projectDir, cacheDir }: Folders): string | undefined {
  const inside = displayPath(projectDir, cacheDir)
  const way = isInside(`${projectDir}/${inside}`, cacheDir) ? [...upwards(inside)] : []
  const parts = [...Object.keys(partNames), tagFile].map(part => join(cacheDir, part))
  const own = ['cache', ...projectParts.map(part => `cache/${part}`), ...way].map(path => join(projectDir, path))
  return [...own, ...parts].find(path => lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink())
}
