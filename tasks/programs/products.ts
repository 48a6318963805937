/** Every product whose version the user chooses, by the name that workflows use. */
import { etcd } from './etcd.ts'
import { kubernetes } from './kubernetes.ts'
import type { Product } from './product.ts'

export const products = { kubernetes, etcd } as const satisfies Readonly<Record<string, Product>>
