/** The digest of a task type's code: its module and all that it imports, so that a change of code is a change of result. */
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type Digest, digestOf } from '../../platform/digest.ts'

/** One module as it counts: without its own path, and without the paths that it imports. */
export interface CodeModule {
  readonly content: string
  readonly imports: readonly CodeImport[]
}

export interface CodeImport {
  /** The import without the path, such as `import { join } from`: what is taken from the module. */
  readonly statement: string
  /** The id of the module, for `read`. */
  readonly module: string
}

/**
 * A digest over a module's content and the digests of the modules that it imports, in place of their paths: a file that
 * moves changes no digest, an import of another module does. Modules that import each other are named by how far up
 * the chain of imports they are.
 */
export function digestCode(entry: string, read: (id: string) => CodeModule): Digest {
  const known = new Map<string, string>()
  const chain: string[] = []
  const visit = (id: string): string => {
    const digest = known.get(id)
    if (digest !== undefined) return digest
    const at = chain.indexOf(id)
    if (at !== -1) return `${chain.length - at} up`
    chain.push(id)
    const { content, imports } = read(id)
    // Formatters sort imports by path, so their order must not count.
    const imported = imports.map(one => [one.statement, visit(one.module)].join(' ')).sort()
    chain.pop()
    const result = digestOf(JSON.stringify([content, ...imported]))
    known.set(id, result)
    return result
  }
  return digestOf(visit(entry))
}

/** Imports of types are gone when the code runs, so they do not count. */
const typeImports = /^(?:import|export) type [^'"]*['"][^'"\n]+['"]/gm
const imports = /(\b(?:from|import)\s*\(?\s*)['"]([^'"\n]+)['"]/g

/** The digest of code that runs from its sources. A package counts by its name and version. */
export const digestSources = (entry: string): Digest => digestCode(entry, readSource)

function readSource(id: string): CodeModule {
  if (!id.startsWith('/')) return { content: id, imports: [] }
  const found: CodeImport[] = []
  const text = readFileSync(id, 'utf8')
  const content = text
    .replaceAll(typeImports, '')
    .replaceAll(imports, (whole, statement: string, specifier: string) => {
      if (specifier.startsWith('node:')) return whole
      const module = specifier.startsWith('.') ? join(dirname(id), specifier) : packageVersion(specifier, dirname(id))
      found.push({ statement, module })
      return statement
    })
  return { content, imports: found }
}

function packageVersion(specifier: string, from: string): string {
  const name = specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
  for (let folder = from; ; folder = dirname(folder)) {
    try {
      const { version }: { version: string } = JSON.parse(
        readFileSync(join(folder, 'node_modules', name, 'package.json'), 'utf8'),
      )
      return `${name}@${version}`
    } catch {}
    if (folder === dirname(folder)) return name
  }
}
