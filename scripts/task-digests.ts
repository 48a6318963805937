/** Computes, while the program is bundled, the digest of each task type's code: it is part of every fingerprint. */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import type { Plugin, PluginContext } from 'rolldown'
import { minifySync, transformSync } from 'rolldown/utils'

/**
 * Fills `digests`: task type → SHA-256 over the path and content of every module that it imports, directly or not, npm
 * modules included, and of every other file that lies beside a module of ours (scripts that the module starts).
 * Our own modules count without types, comments and layout. Paths are relative to `root`.
 */
export function taskDigests(root: string, digests: Record<string, string>): Plugin {
  return {
    name: 'task-digests',
    buildEnd(error) {
      if (error) return
      const registry = join(root, 'tasks/registry.ts')
      const ofModule = new Map<string, string>()
      const types = [...(this.getModuleInfo(registry)?.dynamicallyImportedIds ?? [])].sort()
      for (const type of types)
        digests[basename(type, '.ts')] = digestOf(
          [...withAssets(closure(this, type), root)].map(id => [label(id, root), moduleDigest(id, ofModule)]),
        )
    },
  }
}

function closure(context: PluginContext, start: string): ReadonlySet<string> {
  const found = new Set([start])
  for (const id of found) {
    const module = context.getModuleInfo(id)
    // Node's own modules and the bundler's have no file.
    for (const imported of [...(module?.importedIds ?? []), ...(module?.dynamicallyImportedIds ?? [])])
      if (imported.startsWith('/')) found.add(imported)
  }
  return found
}

/** The same wherever the checkout lies, and whether its node_modules is a link or not. */
function label(id: string, root: string): string {
  const packages = id.indexOf('/node_modules/')
  return packages === -1 ? relative(root, id) : id.slice(packages + 1)
}

function* withAssets(modules: ReadonlySet<string>, root: string): Iterable<string> {
  yield* modules
  const own = [...modules].filter(id => !label(id, root).startsWith('node_modules/'))
  for (const folder of new Set(own.map(id => dirname(id))))
    for (const entry of readdirSync(folder, { withFileTypes: true }))
      if (entry.isFile() && !entry.name.endsWith('.ts')) yield join(folder, entry.name)
}

function moduleDigest(id: string, known: Map<string, string>): string {
  const before = known.get(id)
  if (before !== undefined) return before
  const digest = createHash('sha256').update(content(id)).digest('hex')
  known.set(id, digest)
  return digest
}

function content(id: string): string | Uint8Array {
  if (!id.endsWith('.ts')) return readFileSync(id)
  const stripped = transformSync(basename(id), readFileSync(id, 'utf8'))
  const small = minifySync(basename(id), stripped.code, { compress: false, mangle: false })
  const errors = [...stripped.errors, ...small.errors]
  if (errors.length > 0) throw new Error(`Cannot read ${id}: ${errors.map(error => error.message).join('; ')}`)
  return small.code
}

const digestOf = (parts: readonly (readonly [path: string, digest: string])[]): string =>
  createHash('sha256')
    .update(JSON.stringify([...parts].sort(([a], [b]) => (a < b ? -1 : 1))))
    .digest('hex')
