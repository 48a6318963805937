/** Computes, while the program is bundled, the digest of each task type's code: it is part of every fingerprint. */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { Plugin, PluginContext } from 'rolldown'
import { minifySync, parseSync, transformSync } from 'rolldown/utils'
import { type CodeImport, type CodeModule, digestCode } from '../src/engine/plan/code-digest.ts'

/**
 * Fills `digests`: task type → SHA-256 over the code of every module that it imports, directly or not, npm modules
 * included, and over every other file that lies beside a module of ours (scripts that the module starts). Our own
 * modules count without types, comments, layout and paths.
 */
export function taskDigests(root: string, digests: Record<string, string>): Plugin {
  return {
    name: 'task-digests',
    buildEnd(error) {
      if (error) return
      const registry = join(root, 'tasks/registry.ts')
      const known = new Map<string, CodeModule>()
      const types = [...(this.getModuleInfo(registry)?.dynamicallyImportedIds ?? [])].sort()
      for (const type of types) digests[basename(type, '.ts')] = digestOf(this, type, known)
    },
  }
}

function digestOf(context: PluginContext, type: string, known: Map<string, CodeModule>): string {
  const used = new Set<string>()
  const code = digestCode(type, id => {
    used.add(id)
    const module = known.get(id) ?? readModule(context, id)
    known.set(id, module)
    return module
  })
  return sha256(JSON.stringify([code, ...filesBeside(used)]))
}

function readModule(context: PluginContext, id: string): CodeModule {
  const packages = id.lastIndexOf('/node_modules/')
  const label = packages === -1 ? '' : id.slice(packages + 1)
  const own =
    packages === -1 && id.endsWith('.ts') ? readOwnModule(id) : { content: sha256(readFileSync(id)), imports: [] }
  const relative = new Set(own.imports.map(one => one.module))
  const others = importedBy(context, id).filter(one => !relative.has(one))
  return {
    content: `${label} ${own.content}`,
    imports: [...own.imports, ...others.map(module => ({ statement: '', module }))],
  }
}

/** Node's own modules and the bundler's have no file. */
function importedBy(context: PluginContext, id: string): readonly string[] {
  const info = context.getModuleInfo(id)
  return [...(info?.importedIds ?? []), ...(info?.dynamicallyImportedIds ?? [])].filter(one => one.startsWith('/'))
}

/** Its relative imports are taken out of the content; those of packages stay, as they name no place of ours. */
function readOwnModule(id: string): CodeModule {
  const code = withoutTypes(id)
  const imports: CodeImport[] = []
  const kept: string[] = []
  let end = 0
  for (const place of relativeImports(id, code)) {
    const { from } = place
    const module = join(dirname(id), code.slice(from.start + 1, from.end - 1))
    const [before, after] = [code.slice(place.start, from.start), code.slice(from.end, place.end)]
    // Formatters sort static imports; which dynamic one is which must stay visible.
    const statement = place.dynamic ? `${imports.length}: ${before}${after}` : `${before}${after}`
    imports.push({ statement, module })
    kept.push(code.slice(end, place.start), place.dynamic ? statement : '')
    end = place.end
  }
  return { content: [...kept, code.slice(end)].join(''), imports }
}

function withoutTypes(id: string): string {
  const stripped = transformSync(basename(id), readFileSync(id, 'utf8'))
  const small = minifySync(basename(id), stripped.code, { compress: false, mangle: false })
  const errors = [...stripped.errors, ...small.errors]
  if (errors.length > 0) throw new Error(`Cannot read ${id}: ${errors.map(error => error.message).join('; ')}`)
  return small.code
}

interface ImportPlace {
  readonly start: number
  readonly end: number
  /** The quoted path. */
  readonly from: { readonly start: number; readonly end: number }
  readonly dynamic: boolean
}

/** In the order of the text. */
function relativeImports(id: string, code: string): readonly ImportPlace[] {
  const { module } = parseSync(basename(id), code)
  const places: readonly ImportPlace[] = [
    ...module.staticImports.map(one => ({ start: one.start, end: one.end, from: one.moduleRequest, dynamic: false })),
    ...module.staticExports.flatMap(one => {
      const from = one.entries[0]?.moduleRequest
      return from ? [{ start: one.start, end: one.end, from, dynamic: false }] : []
    }),
    ...module.dynamicImports.map(one => ({ start: one.start, end: one.end, from: one.moduleRequest, dynamic: true })),
  ]
  return places.filter(({ from }) => code[from.start + 1] === '.').sort((a, b) => a.start - b.start)
}

function filesBeside(modules: ReadonlySet<string>): readonly string[] {
  const folders = new Set([...modules].filter(id => !id.includes('/node_modules/')).map(id => dirname(id)))
  const entries = [...folders].flatMap(folder => readdirSync(folder, { withFileTypes: true }))
  return entries
    .filter(entry => entry.isFile() && !entry.name.endsWith('.ts'))
    .map(entry => `${entry.name} ${sha256(readFileSync(join(entry.parentPath, entry.name)))}`)
    .sort()
}

const sha256 = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex')
