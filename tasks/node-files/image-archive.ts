/**
 * What an archive of container images holds, of either kind: what `docker save` makes (manifest.json), and an image
 * layout of the Open Container Initiative (index.json).
 */
import { type FileHandle, open } from 'node:fs/promises'
import * as v from 'valibot'
import { goArchitecture } from '../programs/architecture.ts'
import { fullName } from './image-names.ts'
import { readEntry, type TarEntry, tarIndex } from './tar-index.ts'

/** The full names of its images, or why nodes cannot use it. */
export type ImageArchive = { readonly names: readonly string[] } | { readonly problem: string; readonly try?: string }

/** Of JSON files no larger than this is read; they are a few KiB. */
const largestJson = 4 * 1024 * 1024

const saveItWithName = 'save it by its name: docker save --output FILE NAME:TAG'

const dockerManifest = v.array(
  v.object({ Config: v.string(), RepoTags: v.optional(v.nullable(v.array(v.string())), []) }),
)
const descriptor = v.object({
  digest: v.string(),
  platform: v.optional(v.object({ architecture: v.string() })),
  annotations: v.optional(v.record(v.string(), v.string()), {}),
})
const ociIndex = v.object({ manifests: v.array(descriptor) })
/** Of one image, or again of several. */
const ociManifest = v.union([ociIndex, v.object({ config: v.object({ digest: v.string() }) })])
const imageConfig = v.object({ architecture: v.string() })

const compressed: ReadonlyMap<string, string> = new Map([
  ['1f8b', 'gunzip'],
  ['28b5', 'zstd -d'],
  ['fd37', 'xz -d'],
  ['425a', 'bunzip2'],
])

export async function readImageArchive(path: string): Promise<ImageArchive> {
  const file = await open(path)
  try {
    const start = Buffer.alloc(2)
    await file.read(start, 0, 2, 0)
    const unpack = compressed.get(start.toString('hex'))
    if (unpack !== undefined) return { problem: 'it is compressed', try: `${unpack} ${path}` }
    const entries = await tarIndex(file)
    if (entries === undefined) return { problem: 'it is no tar archive, or it is cut short' }
    return await new Reader(file, entries).read()
  } finally {
    await file.close()
  }
}

class Reader {
  readonly #file: FileHandle
  readonly #entries: ReadonlyMap<string, TarEntry>

  constructor(file: FileHandle, entries: ReadonlyMap<string, TarEntry>) {
    this.#file = file
    this.#entries = entries
  }

  async read(): Promise<ImageArchive> {
    const docker = await this.#json('manifest.json', dockerManifest)
    if (docker !== undefined) {
      const names = docker.flatMap(({ RepoTags }) => RepoTags ?? [])
      const configs = await Promise.all(docker.map(({ Config }) => this.#json(Config, imageConfig)))
      return judged(names, new Set(configs.flatMap(config => config?.architecture ?? [])))
    }
    const index = await this.#json('index.json', ociIndex)
    if (index === undefined) return { problem: 'it has neither manifest.json nor index.json, so it holds no images' }
    const names = index.manifests.flatMap(({ annotations }) => annotations['io.containerd.image.name'] ?? [])
    const architectures = await Promise.all(index.manifests.map(one => this.#architectures(one)))
    return judged(names, new Set(architectures.flat()))
  }

  /** Those that it is for, as far as the archive says them. */
  async #architectures({ digest, platform }: v.InferOutput<typeof descriptor>): Promise<readonly string[]> {
    if (platform !== undefined) return [platform.architecture]
    const manifest = await this.#json(blob(digest), ociManifest)
    if (manifest === undefined) return []
    if ('manifests' in manifest)
      return manifest.manifests.flatMap(one => (one.platform === undefined ? [] : [one.platform.architecture]))
    return [(await this.#json(blob(manifest.config.digest), imageConfig))?.architecture ?? []].flat()
  }

  /** Undefined when there is no such file of that form. */
  async #json<T>(name: string, schema: v.GenericSchema<unknown, T>): Promise<T | undefined> {
    const entry = this.#entries.get(name)
    if (entry === undefined || entry.size > largestJson) return undefined
    try {
      const parsed = v.safeParse(schema, JSON.parse(await readEntry(this.#file, entry)))
      return parsed.success ? parsed.output : undefined
    } catch {
      return undefined // It is no JSON.
    }
  }
}

/** "sha256:4c0f…" → "blobs/sha256/4c0f…". */
const blob = (digest: string): string => `blobs/${digest.replace(':', '/')}`

function judged(names: readonly string[], architectures: ReadonlySet<string>): ImageArchive {
  const ours = goArchitecture()
  if (architectures.size > 0 && !architectures.has(ours))
    return {
      problem: `its images are for ${[...architectures].join(', ')}, and this machine's architecture is ${ours}`,
      try: `docker pull --platform linux/${ours} NAME:TAG, and save it again`,
    }
  if (names.length === 0) return { problem: 'its images have no names', try: saveItWithName }
  return { names: [...new Set(names.map(fullName))] }
}
