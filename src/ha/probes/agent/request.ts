/** One HTTP request with a time limit for all of it, connection included. */
import http from 'node:http'
import https from 'node:https'
import { type SecureContext, TLSSocket } from 'node:tls'
import { type Endpoint, refusedCertificate } from './protocol.ts'

export interface Call extends Endpoint {
  /** Absent: plain HTTP. */
  readonly secureContext?: SecureContext
  readonly method?: 'GET' | 'POST' | 'PUT'
  readonly path: string
  readonly body?: unknown
  readonly timeoutMs: number
  /** Absent: a new connection, for this request only. */
  readonly agent?: https.Agent
}

export interface Reply {
  readonly status: number
  readonly text: string
}

/** Rejects with a short reason. */
export function call({ method = 'GET', body, timeoutMs, agent, secureContext, ...target }: Call): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const text = body === undefined ? undefined : JSON.stringify(body)
    const options = {
      ...target,
      method,
      agent: agent ?? false,
      headers:
        text === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) },
      ...(secureContext ? { secureContext } : {}),
    }
    const timer = setTimeout(() => request.destroy(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs)
    const request = (secureContext ? https : http).request(options, response => {
      const parts: Buffer[] = []
      response.on('data', part => parts.push(part))
      response.on('end', () => {
        clearTimeout(timer)
        resolve({ status: response.statusCode ?? 0, text: Buffer.concat(parts).toString('utf8') })
      })
      response.on('error', failed)
      response.on('aborted', () => failed(new Error('the answer broke off')))
    })
    const failed = (error: Error & { readonly code?: string }) => {
      clearTimeout(timer)
      const why = error.code ?? error.message
      reject(new Error(isRefusal(error, request.socket) ? `${refusedCertificate}${why}` : why))
    }
    request.on('error', failed)
    request.end(text)
  })
}

/** Whether one side refused the other's certificate, which is no matter of connections or of time. */
function isRefusal({ code = '' }: { readonly code?: string }, socket: unknown): boolean {
  // Set as soon as the client has refused; a refusal by the server comes as an alert.
  const isRefusedHere = socket instanceof TLSSocket && Boolean(socket.authorizationError)
  return isRefusedHere || /^ERR_SSL_.*ALERT_.*(CERTIFICATE|UNKNOWN_CA)/.test(code)
}
