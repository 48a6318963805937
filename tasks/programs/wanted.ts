/** What a user's choice of a product's version means: a folder, the image's own, or a version. */
import { isFolder } from '../kubernetes/version-of.ts'
import { isExactVersion, type Meaning, type Product } from './product.ts'

export type Wanted =
  | { readonly kind: 'folder'; readonly path: string }
  | { readonly kind: 'image' }
  | ({ readonly kind: 'version' } & Meaning)

export interface Refusal {
  readonly message: string
  readonly try?: string
}

export function wantedOf(product: Product, choice: string): Wanted | Refusal {
  if (isFolder(choice)) return { kind: 'folder', path: choice }
  if (product.isInImage && choice === 'image') return { kind: 'image' }
  const meaning = product.meaning?.(choice)
  if (meaning !== undefined) return { kind: 'version', ...meaning }
  if (!isExactVersion(choice)) {
    const exact = choice.replace(/^v/, '')
    return {
      message: `Cannot use "${choice}" as ${product.name}: it is neither a version like ${product.example} nor a path that begins with "/" or "./"`,
      try: `--set ${product.parameter}=${isExactVersion(exact) ? exact : product.example}`,
    }
  }
  const refusal = product.refusal(choice)
  if (refusal === undefined) return { kind: 'version', version: choice }
  return {
    message: `Cannot use ${product.name} ${choice}: ${refusal}`,
    try: `--set ${product.parameter}=${product.example}`,
  }
}
