/** The place "Go modules": a version's pinned modules, downloaded by `go` as this machine is set up for it. */
import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import { copyFile, mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { TaskContext } from '../../src/engine/workflow/task-type.ts'
import { buildInRoot, inProject } from '../roots/build-in-root.ts'
import { parts } from './chosen.ts'
import { mayPass, moduleProblem } from './go-answers.ts'
import { goFolder, goRoot } from './go-root.ts'
import { type Environment, goNetwork, goSettings, proxyProblem } from './go-settings.ts'
import { keptRoot } from './kept-root.ts'
import { type Pins, pinnedVersions, pinsOf } from './pins.ts'
import { minorOf, type ProgramPlace } from './product.ts'

export interface GoModules {
  /** "kubernetes": also the argument of scripts/pin-modules.ts. */
  readonly product: string
  /** The module whose version is the product's. */
  readonly module: string
  readonly version: string
  /** The folder with the pins, absolute. */
  readonly modules: string
  /** Default: this process's. */
  readonly environment?: Environment
}

const attempts = 3

/**
 * $1: folder with go.mod and go.sum, $2: folder to make. Go compares each module with go.sum. The archive has the same
 * bytes whenever and wherever it is made.
 */
const script = `
umask 022
export PATH=$(echo ${goFolder}):$PATH GOTOOLCHAIN=local GOMODCACHE=/modules GOCACHE=/tmp/gocache
cp "$1/go.mod" "$1/go.sum" .
go mod vendor
mkdir -p "$2"
tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -cf - go.mod go.sum vendor | gzip -n >"$2/${parts.modules}"
`

export const goModules = (options: GoModules): ProgramPlace => ({
  name: 'Go modules',
  origin: 'modules',
  async get(folder, context) {
    const { product, module, version, modules, environment = process.env } = options
    const pins = pinsOf(modules, minorOf(version), module)
    if (pins?.version !== version) return notPinned(options)
    const settings = goSettings(environment)
    const unusable = proxyProblem(settings)
    if (unusable !== undefined) return unusable
    const wanted = goRoot(pins.go)
    if (wanted === undefined) return `it is built with Go ${pins.go}, which is in no suite of Debian that is used here`
    const root = await keptRoot(wanted, context)
    if (!root.ok) return `no root with Go: ${root.failure.message}${root.failure.last ? `: ${root.failure.last}` : ''}`
    const network = goNetwork(settings, environment)
    const cache = await moduleCache(context, product)
    for (let attempt = 1; ; attempt++) {
      const problem = await downloadModules(context, { pins, root: root.value, network, cache, folder })
      if (problem !== undefined && attempt < attempts && mayPass(problem)) continue
      if (problem !== undefined) return problem
      await rm(cache, { recursive: true, force: true })
      await copyFile(root.value, join(folder, parts.root), constants.COPYFILE_FICLONE)
      return undefined
    }
  },
})

function notPinned({ product, module, version, modules }: GoModules): string {
  const pinned = pinnedVersions(modules, module)
  return `pinned are ${pinned.join(', ') || 'none'}; "node scripts/pin-modules.ts ${product} ${version}" pins this one`
}

export const modulesDir = (cacheDir: string): string => join(cacheDir, 'go-modules')

/** What an interrupted download has brought is there at the next try; Go verifies all of it. */
async function moduleCache({ cacheDir, projectDir }: TaskContext<unknown>, product: string): Promise<string> {
  const project = createHash('sha256').update(projectDir).digest('hex').slice(0, 16)
  const folder = join(modulesDir(cacheDir), `${project}-${product}`)
  await mkdir(folder, { recursive: true })
  return folder
}

interface ModuleDownload {
  readonly pins: Pins
  /** The root's archive. */
  readonly root: string
  readonly network: ReturnType<typeof goNetwork>
  readonly cache: string
  /** The folder to make. */
  readonly folder: string
}

async function downloadModules(
  context: TaskContext<unknown>,
  { pins, root, network, cache, folder }: ModuleDownload,
): Promise<string | undefined> {
  const lines: string[] = []
  let begun = 0
  const built = await buildInRoot(context, {
    root,
    script,
    args: ['/pins', inProject(context, folder)],
    inputs: [],
    network: true,
    env: network.env,
    mounts: [
      { from: cache, to: '/modules', writable: true },
      { from: pins.folder, to: '/pins', writable: false },
      ...network.mounts,
    ],
    onLine(line) {
      lines.push(line)
      if (line.startsWith('go: downloading '))
        context.progress(`${Math.min(++begun, pins.count)} of ${pins.count} downloaded`)
    },
  })
  if (built.ok) return undefined
  if (built.failure.kind === 'interrupted') throw context.signal.reason
  return moduleProblem(lines) ?? `${built.failure.message}${built.failure.last ? `: ${built.failure.last}` : ''}`
}
