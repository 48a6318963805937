/** The digest of a task type's code: its file and all that it imports, so that a change of code is a change of result. */
import { readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { digestOf } from './digest.ts'

/** Imports of types are gone when the code runs, so they do not count. */
const typeImports = /^(?:import|export) type [^'"]*['"][^'"\n]+['"]/gm
const imports = /(?:\bfrom|\bimport)\s*\(?\s*['"]([^'"\n]+)['"]/g

/**
 * Follows imports of files (`./x.ts`), static and dynamic; a package counts by its name and version. The
 * build uses the same function, so that a build and its sources give the same digests.
 */
export function digestSources(entry: string): string {
  const seen = new Map<string, string>()
  const packages = new Set<string>()
  const queue = [entry]
  for (let file = queue.pop(); file !== undefined; file = queue.pop()) {
    if (seen.has(file)) continue
    const text = readFileSync(file, 'utf8')
    seen.set(file, digestOf(text))
    for (const [, specifier] of text.replaceAll(typeImports, '').matchAll(imports)) {
      if (specifier === undefined || specifier.startsWith('node:')) continue
      if (specifier.startsWith('.')) queue.push(join(dirname(file), specifier))
      else packages.add(packageVersion(specifier, dirname(file)))
    }
  }
  const base = dirname(entry)
  const files = [...seen].map(([file, digest]) => `${relative(base, file)} ${digest}`).sort()
  return digestOf([...files, ...[...packages].sort()].join('\n'))
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
