/** What a user's choice of a product's version means: a folder, or a version. */
import { isFolder } from '../kubernetes/version-of.ts'
import { isExactVersion, type Meaning, type Product } from './product.ts'

export type Wanted = { readonly kind: 'folder'; readonly path: string } | ({ readonly kind: 'version' } & Meaning)

export interface Refusal {
  readonly message: string
  readonly try?: string
}

export interface Around {
  /** The version of Kubernetes on the cluster, where it is known. */
  readonly kubernetes?: string | undefined
  /** The suite of Debian that the VM image is made of, where it is known. */
  readonly suite?: string | undefined
}

export function wantedOf(product: Product, choice: string, { kubernetes, suite }: Around = {}): Wanted | Refusal {
  if (isFolder(choice)) return { kind: 'folder', path: choice }
  if (choice === 'default') return { kind: 'version', ...product.standard(kubernetes) }
  if (product.isInImage && choice === 'image') return { kind: 'version', version: choice }
  if (!isExactVersion(choice)) {
    const exact = choice.replace(/^v/, '')
    return {
      message: `Cannot use "${choice}" as ${product.name}: it is neither a version like ${product.example} nor a path that begins with "/" or "./"`,
      try: `--set ${product.parameter}=${isExactVersion(exact) ? exact : product.example}`,
    }
  }
  const refusal = product.refusal(choice, suite)
  if (refusal === undefined) return { kind: 'version', version: choice }
  return {
    message: `Cannot use ${product.name} ${choice}: ${refusal}`,
    try: `--set ${product.parameter}=${product.example}`,
  }
}
