/** The version that a choice of a product's programs means, as far as it shows before they are fetched. */
import { join, resolve } from 'node:path'
import { runProcess } from '../../src/platform/processes/process.ts'
import { isFolder, versionWritten } from '../kubernetes/version-of.ts'
import { isExactVersion } from '../programs/product.ts'
import type { products } from '../programs/products.ts'

type ProductName = keyof typeof products

/** The program of own ones that is asked, and how its answer begins. */
const asked = {
  kubernetes: { program: 'kubelet', answer: /^Kubernetes v(\S+)/m },
  etcd: { program: 'etcd', answer: /^etcd Version: (\S+)/m },
} as const

/** Undefined for a folder, and for a word whose meaning shows later. */
export function writtenVersion(product: ProductName, choice: string): string | undefined {
  if (isFolder(choice)) return undefined
  return product === 'kubernetes' ? versionWritten(choice) : isExactVersion(choice) ? choice : undefined
}

/** Undefined where own programs do not say it, too. */
export async function versionIn(product: ProductName, choice: string, projectDir: string): Promise<string | undefined> {
  if (!isFolder(choice)) return writtenVersion(product, choice)
  const { program, answer } = asked[product]
  const said = await runProcess([join(resolve(projectDir, choice), program), '--version'], { timeoutMs: 10_000 })
  return answer.exec(said.ok ? said.value.stdout : '')?.[1]
}
