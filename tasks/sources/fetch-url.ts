/**
 * Downloads over HTTPS to a file, with a short time-out to connect and progress in bytes. What is fetched runs as root, and
 * its digest often comes from the same server: nobody in between may change it, so neither a place nor a redirection is
 * asked without TLS.
 */
import { statSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { setGlobalProxyFromEnv } from 'node:http'

export interface FetchOptions {
  readonly signal: AbortSignal
  /** Goes on at the end of what the file holds already, if the server can. */
  readonly resume?: boolean
  onProgress?(receivedBytes: number, totalBytes: number | undefined): void
}

/** Until the answer's headers: a host that cannot be reached shall not keep the next place waiting. */
const answerTimeoutMs = 8_000
/** Between two pieces of the answer. */
const stallTimeoutMs = 30_000

/** Undefined when the file is complete, else what was seen. Throws only when the caller's signal aborts. */
export async function fetchUrl(url: string, file: string, options: FetchOptions): Promise<string | undefined> {
  setGlobalProxyFromEnv() // http_proxy, https_proxy and no_proxy count, as for other programs.
  const stop = new AbortController()
  const watch = (ms: number) => setTimeout(() => stop.abort(new Error(`no answer within ${ms / 1000} s`)), ms)
  let timer = watch(answerTimeoutMs)
  try {
    const had = options.resume ? (statSync(file, { throwIfNoEntry: false })?.size ?? 0) : 0
    // A part of what was packed on the way would be a part of something else.
    const headers: Record<string, string> = options.resume ? { 'accept-encoding': 'identity' } : {}
    if (had > 0) headers.range = `bytes=${had}-`
    const response = await ask(url, { signal: AbortSignal.any([options.signal, stop.signal]), headers })
    if (typeof response === 'string') return response
    const range = response.headers.get('content-range') ?? ''
    if (response.status === 416 && had > 0) {
      await response.body?.cancel()
      // Nothing comes after what is there, or what is there is of no use.
      return range === `bytes */${had}` ? undefined : await fetchUrl(url, file, { ...options, resume: false })
    }
    const start = response.status === 206 ? had : 0
    if (start > 0 && !range.startsWith(`bytes ${start}-`))
      return `answered with "${range}" when asked from byte ${start} on`
    if (!response.ok || response.body === null) return `HTTP status ${response.status}`
    if (isPage(response)) return 'an HTML page instead of the file: the answer of a proxy or a login page'
    const length = Number(response.headers.get('content-length'))
    const encoded = response.headers.has('content-encoding')
    const total = Number.isSafeInteger(length) && length > 0 && !encoded ? start + length : undefined
    let received = start
    // Each piece is on the disk before the next is read: what arrived before a break is kept.
    await using output = await open(file, start > 0 ? 'a' : 'w')
    for await (const piece of response.body) {
      clearTimeout(timer)
      await output.appendFile(piece)
      received += piece.length
      options.onProgress?.(received, total)
      timer = watch(stallTimeoutMs)
    }
    return total !== undefined && received !== total ? `ended after ${received} of ${total} bytes` : undefined
  } catch (error) {
    if (options.signal.aborted) throw options.signal.reason
    return describe(stop.signal.aborted ? stop.signal.reason : error)
  } finally {
    clearTimeout(timer)
  }
}

const maxRedirections = 10

/** The answer, or why there is none that can be used. */
async function ask(url: string, request: RequestInit): Promise<Response | string> {
  let at = url
  for (let redirections = 0; redirections <= maxRedirections; redirections++) {
    if (!at.startsWith('https://')) return at === url ? 'refused: only https:// is asked' : `refused: it leads to ${at}`
    const response = await fetch(at, { ...request, redirect: 'manual' })
    const location = response.headers.get('location')
    if (response.status < 300 || response.status > 399 || location === null) return response
    await response.body?.cancel()
    at = new URL(location, at).href
  }
  return `more than ${maxRedirections} redirections`
}

/** Nothing that is fetched is a page; what stands between here and a server answers with one. */
const isPage = (response: Response): boolean => /^text\/html\b/i.test(response.headers.get('content-type') ?? '')

/** fetch hides what happened ("fetch failed") behind a chain of causes. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (error.cause !== undefined) return describe(error.cause)
  const first = error instanceof AggregateError ? error.errors[0] : undefined
  return first === undefined ? error.message : describe(first)
}
