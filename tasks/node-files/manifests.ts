/** Kubernetes manifests of a folder: what is wrong with them, and the images that their pods start. */
import { readFile } from 'node:fs/promises'
import { parseAllDocuments } from 'yaml'
import { messageOf } from '../../src/platform/failure.ts'
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
  for (const document of documentsIn(await readFile(file, 'utf8'))) {
    if ('problem' in document) {
      problems.push(document.problem)
      continue
    }
    const { value } = document
    if (value === null || value === undefined) continue
    objects++
    if (isObject(value) && typeof value.apiVersion === 'string' && typeof value.kind === 'string')
      images.push(...imagesIn(value))
    else problems.push(`its object ${objects} has no apiVersion or no kind`)
  }
  if (objects === 0 && problems.length === 0) problems.push('it is empty')
  return { problems, images }
}

type Read = { readonly value: unknown } | { readonly problem: string }

/** The value of each document of a YAML text, or why there is none. */
export function documentsIn(text: string): readonly Read[] {
  try {
    return parseAllDocuments(text, parseOptions).map((document): Read => {
      const [error] = document.errors
      if (error !== undefined) return noYaml(error)
      return { value: document.toJS({ maxAliasCount }) }
    })
  } catch (error) {
    // What nests too deeply, and what anchors multiply.
    return [noYaml(error)]
  }
}

const noYaml = (error: unknown) => ({ problem: `it is no YAML: ${messageOf(error).split('\n')[0]}` })

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
