/** Kubernetes manifests of a folder: what is wrong with them, and the images that their pods start. */
import { readFile } from 'node:fs/promises'
import { parseAllDocuments } from 'yaml'
import { maxAliasCount, parseOptions } from '../../src/text/yaml-document.ts'
import { fullName, tagOf } from './image-names.ts'

export interface WantedImage {
  /** As it is written. */
  readonly name: string
  /** Kubernetes asks a registry, even where the image is there. */
  readonly isAlwaysPulled: boolean
}

export interface Manifest {
  readonly problems: readonly string[]
  readonly images: readonly WantedImage[]
}

/** YAML or JSON, of one object or several. */
export async function readManifest(file: string): Promise<Manifest> {
  const problems: string[] = []
  const images: WantedImage[] = []
  let objects = 0
  for (const document of parseAllDocuments(await readFile(file, 'utf8'), parseOptions)) {
    const [error] = document.errors
    if (error !== undefined) {
      problems.push(`it is no YAML: ${error.message.split('\n')[0]}`)
      continue
    }
    const value: unknown = document.toJS({ maxAliasCount })
    if (value === null || value === undefined) continue
    objects++
    if (isObject(value) && typeof value.apiVersion === 'string' && typeof value.kind === 'string')
      images.push(...imagesIn(value))
    else problems.push(`its object ${objects} has no apiVersion or no kind`)
  }
  if (objects === 0 && problems.length === 0) problems.push('it is empty')
  return { problems, images }
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Of every list of containers in it, wherever that is. */
function imagesIn(value: unknown): readonly WantedImage[] {
  if (Array.isArray(value)) return value.flatMap(imagesIn)
  if (!isObject(value)) return []
  return Object.entries(value).flatMap(([key, inner]) =>
    /^(init)?containers$/i.test(key) && Array.isArray(inner) ? inner.flatMap(imageOf) : imagesIn(inner),
  )
}

function imageOf(container: unknown): readonly WantedImage[] {
  if (!isObject(container) || typeof container.image !== 'string') return []
  const { image: name, imagePullPolicy: policy } = container
  const isLatest = tagOf(fullName(name)) === 'latest'
  return [{ name, isAlwaysPulled: policy === 'Always' || (policy === undefined && isLatest) }]
}
