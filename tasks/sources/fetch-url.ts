/** Downloads over HTTP(S) to a file, with a short time-out to connect and progress in bytes. */
import { createWriteStream } from 'node:fs'
import { setGlobalProxyFromEnv } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

export interface FetchOptions {
  readonly signal: AbortSignal
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
    const response = await fetch(url, { signal: AbortSignal.any([options.signal, stop.signal]) })
    if (!response.ok || response.body === null) return `HTTP status ${response.status}`
    const length = Number(response.headers.get('content-length'))
    const encoded = response.headers.has('content-encoding')
    const total = Number.isSafeInteger(length) && length > 0 && !encoded ? length : undefined
    let received = 0
    const body = Readable.fromWeb(response.body)
    body.on('data', (piece: Buffer) => {
      clearTimeout(timer)
      timer = watch(stallTimeoutMs)
      received += piece.length
      options.onProgress?.(received, total)
    })
    await pipeline(body, createWriteStream(file))
    return total !== undefined && received !== total ? `ended after ${received} of ${total} bytes` : undefined
  } catch (error) {
    if (options.signal.aborted) throw options.signal.reason
    return describe(stop.signal.aborted ? stop.signal.reason : error)
  } finally {
    clearTimeout(timer)
  }
}

/** fetch hides what happened ("fetch failed") behind a chain of causes. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (error.cause !== undefined) return describe(error.cause)
  const first = error instanceof AggregateError ? error.errors[0] : undefined
  return first === undefined ? error.message : describe(first)
}
