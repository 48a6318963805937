/** SHA-256 digests, the only names that contents have. */
import { hash } from 'node:crypto'

/** SHA-256, 64 lower-case hexadecimal digits. */
export type Digest = string & { readonly __brand: 'Digest' }

export const digestOf = (data: string | Uint8Array): Digest => hash('sha256', data) as Digest

export const isDigest = (text: unknown): text is Digest => typeof text === 'string' && /^[0-9a-f]{64}$/.test(text)
