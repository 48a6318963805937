/** Where a remote cache is: a Redis or PostgreSQL server by its URL, or a folder. Passwords in it are never shown. */
import { resolve } from 'node:path'

export type RemoteAddress =
  | { readonly kind: 'redis' | 'postgres'; readonly url: string; readonly host: string; readonly shown: string }
  | { readonly kind: 'folder'; readonly path: string; readonly shown: string }

const scheme = /^([A-Za-z][\w+.-]*):\/\//
const kinds: Readonly<Record<string, 'redis' | 'postgres'>> = {
  redis: 'redis',
  rediss: 'redis',
  postgres: 'postgres',
  postgresql: 'postgres',
}

export const remoteAddressForms = 'redis://…, rediss://…, postgres://… or a folder'

/** `base`: the folder that a relative path starts from. Undefined when it is none of the forms. */
export function parseRemoteAddress(text: string, base: string): RemoteAddress | undefined {
  const [, name] = scheme.exec(text) ?? []
  if (name === undefined) {
    const path = resolve(base, text)
    return { kind: 'folder', path, shown: path }
  }
  const kind = kinds[name]
  const url = URL.parse(text)
  if (kind === undefined || !url || url.hostname === '') return undefined
  const shown = `${url.protocol}//${url.host}${url.pathname === '/' ? '' : url.pathname}`
  return { kind, url: text, host: url.hostname.replace(/^\[|\]$/g, ''), shown }
}

/** For messages about a text that may be an address, or a misspelt one. */
export const withoutCredentials = (text: string): string => text.replace(/:\/\/.*@/s, '://…@').replace(/\?.*$/s, '')

/** What others said, without the password that they may have repeated: one line, nothing that moves a cursor. */
export function withoutSecrets(text: string, address: RemoteAddress): string {
  const url = address.kind === 'folder' ? undefined : URL.parse(address.url)
  const secrets = [...(url?.searchParams.values() ?? []), url?.password ?? '', decoded(url?.password ?? '')]
  const hidden = secrets.filter(secret => secret !== '').reduce((shown, secret) => shown.replaceAll(secret, '…'), text)
  return hidden
    .replaceAll(/[\p{C}\s]+/gu, ' ')
    .trim()
    .slice(0, 200)
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
