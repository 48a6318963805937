/** Spares the start of every command what libraries load for features that k8s-ha does not use. */
import type { Plugin } from 'rolldown'

/** "library module": what stands for a module that the library imports. */
const replacements: Readonly<Record<string, string>> = {
  // The module opens the three standard streams; the global is the same object.
  'commander node:process': 'export default globalThis.process',
  // Only commands that are programs of their own are spawned.
  'commander node:child_process': "export default { spawn() { throw new Error('commands are not programs here') } }",
  // Only help is printed with it. An import would load what hides behind each name of the module.
  'commander node:util': `
    export const stripVTControlCharacters = text => process.getBuiltinModule('node:util').stripVTControlCharacters(text)`,
}

const prefix = '\0light '

export function lightLibraries(): Plugin {
  return {
    name: 'light-libraries',
    resolveId: (source, importer) => {
      const library = /\/node_modules\/([^/]+)\//.exec(importer ?? '')?.[1]
      const replaced = `${library} ${source}`
      return replaced in replacements ? `${prefix}${replaced}` : null
    },
    load: id => (id.startsWith(prefix) ? (replacements[id.slice(prefix.length)] ?? null) : null),
  }
}
