/** Bundles the program into dist/<digest>/ and lets dist/current name it. */
import { createHash } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { type OutputChunk, type Plugin, rolldown } from 'rolldown'
import { lightLibraries } from './light-libraries.ts'
import { taskDigests } from './task-digests.ts'

const root = join(import.meta.dirname, '..')
const dist = join(root, 'dist')

/** A running program loads its later chunks from its own build, so that one stays a while. */
const keepOldBuildsMs = 24 * 3600 * 1000

try {
  const files = new Map([...(await bundle()), ...(await bundleProbeAgent())])
  const id = buildId(files)
  write(id, files)
  publish(id)
  removeOld(id)
} catch (error) {
  process.stderr.write(`error: Cannot build: ${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 4
}

async function bundle(): Promise<ReadonlyMap<string, string>> {
  const digests: Record<string, string> = {}
  const core = new Set<string>()
  const build = await rolldown({
    input: { main: join(root, 'src/cli/main.ts') },
    cwd: root,
    platform: 'node',
    preserveEntrySignatures: false,
    tsconfig: false,
    checks: { pluginTimings: false },
    plugins: [
      lightLibraries(),
      taskDigests(root, digests),
      staticClosure(['src/cli/run-cli.ts', 'src/cli/commands/flow.ts'], core),
    ],
  })
  const { output } = await build.generate({
    format: 'es',
    comments: false,
    chunkFileNames: '[name]-[hash].js',
    // Each file that is loaded costs: what every run of a flow needs is one file.
    codeSplitting: { groups: [{ name: 'flow', test: id => core.has(id), includeDependenciesRecursively: false }] },
    entryFileNames: '[name].js',
  })
  await build.close()
  const chunks = output.filter((file): file is OutputChunk => file.type === 'chunk')
  const files = new Map(chunks.map(chunk => [chunk.fileName, inAscii(chunk.code)]))
  return files.set('task-digests.json', `${JSON.stringify(digests, undefined, 2)}\n`)
}

/** A text with other characters takes twice the memory, and is decoded at every start: 6 of 300 ms. */
function inAscii(code: string): string {
  return code.replaceAll(/[\u0080-\uffff]/g, unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/** A program of its own: src/ha/probes starts it inside a cluster's network. */
async function bundleProbeAgent(): Promise<ReadonlyMap<string, string>> {
  const build = await rolldown({
    input: { 'probe-agent': join(root, 'src/ha/probes/agent/main.ts') },
    cwd: root,
    platform: 'node',
    tsconfig: false,
  })
  const { output } = await build.generate({ format: 'es', comments: false, entryFileNames: '[name].js' })
  await build.close()
  return new Map(output.flatMap(file => (file.type === 'chunk' ? [[file.fileName, file.code] as const] : [])))
}

/** Fills `found` with the modules that these load without fail. */
function staticClosure(starts: readonly string[], found: Set<string>): Plugin {
  return {
    name: 'static-closure',
    buildEnd() {
      for (const start of starts) found.add(join(root, start))
      for (const id of found) for (const imported of this.getModuleInfo(id)?.importedIds ?? []) found.add(imported)
    },
  }
}

function buildId(files: ReadonlyMap<string, string>): string {
  const hash = createHash('sha256')
  for (const [name, text] of [...files].sort(([a], [b]) => (a < b ? -1 : 1))) hash.update(JSON.stringify([name, text]))
  return hash.digest('hex').slice(0, 16)
}

/** Whole or not at all: a build that was interrupted never bears its name. */
function write(id: string, files: ReadonlyMap<string, string>): void {
  if (existsSync(join(dist, id))) return
  mkdirSync(dist, { recursive: true })
  const partial = mkdtempSync(join(dist, 'partial-'))
  for (const [name, text] of files) writeFileSync(join(partial, name), text)
  chmodSync(partial, 0o755)
  renameSync(partial, join(dist, id))
}

function publish(id: string): void {
  const link = join(dist, `current-${process.pid}`)
  rmSync(link, { force: true })
  symlinkSync(id, link)
  renameSync(link, join(dist, 'current'))
}

function removeOld(id: string): void {
  const oldest = Date.now() - keepOldBuildsMs
  utimesSync(join(dist, id), new Date(), new Date())
  for (const entry of readdirSync(dist, { withFileTypes: true })) {
    const path = join(dist, entry.name)
    if (entry.isDirectory() && entry.name !== id && statSync(path).mtimeMs < oldest)
      rmSync(path, { recursive: true, force: true })
  }
}
