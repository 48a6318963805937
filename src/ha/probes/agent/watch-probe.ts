/** A watch on the registers through the VIP, as controllers have one: it goes on after the last version it saw. */
import https from 'node:https'
import { monotonicMs } from '../../../platform/clock.ts'
import { WholeLines } from '../../../platform/whole-lines.ts'
import type { Tell } from './pace.ts'
import { isRegister, namespace, valueIn } from './registers.ts'
import type { Call } from './request.ts'

/** Without an event for that long the connection is taken for dead: several writes a second are to be seen. */
const silentMs = 3_000
const againMs = 200

interface WatchEvent {
  readonly type: string
  readonly object: {
    readonly code?: number
    readonly metadata: { readonly name: string; readonly resourceVersion: string }
    readonly data?: { readonly value?: string }
  }
}

export class WatchProbe {
  readonly #base: Pick<Call, 'host' | 'port' | 'secureContext'>
  readonly #tell: Tell
  #revision: number
  #stopped = false
  #connected = false

  constructor(base: Pick<Call, 'host' | 'port' | 'secureContext'>, revision: number, tell: Tell) {
    this.#base = base
    this.#revision = revision
    this.#tell = tell
  }

  start(): () => void {
    void this.#loop()
    return () => {
      this.#stopped = true
    }
  }

  async #loop(): Promise<void> {
    while (!this.#stopped) {
      const why = await this.#watchOnce()
      if (this.#stopped) return
      if (this.#connected) this.#tell({ type: 'watch-cut', at: monotonicMs(), why })
      this.#connected = false
      await new Promise(resolve => setTimeout(resolve, againMs))
    }
  }

  /** Resolves to why it ended. */
  #watchOnce(): Promise<string> {
    return new Promise(resolve => {
      const path = `/api/v1/namespaces/${namespace}/configmaps?watch=1&resourceVersion=${this.#revision}`
      const lines = new WholeLines()
      const silent = setTimeout(() => request.destroy(new Error(`silent for ${silentMs} ms`)), silentMs)
      const end = (why: string) => {
        clearTimeout(silent)
        request.destroy()
        resolve(why)
      }
      const request = https.get({ ...this.#base, path, agent: false }, response => {
        if (response.statusCode !== 200) return end(`HTTP ${response.statusCode}`)
        this.#connected = true
        response.setEncoding('utf8')
        response.on('data', (text: string) => {
          silent.refresh()
          const whole = lines.add(text).filter(Boolean)
          const refused = whole.find(line => !this.#take(JSON.parse(line)))
          if (refused !== undefined) end(refused.slice(0, 200))
        })
        response.on('end', () => end('the server ended it'))
        response.on('error', (error: Error) => end(error.message))
        response.on('aborted', () => end('the connection broke'))
      })
      request.on('error', error => end(error.message))
    })
  }

  /** False for an error instead of an object. */
  #take({ type, object }: WatchEvent): boolean {
    if (type === 'ERROR') return false
    const revision = Number(object.metadata.resourceVersion)
    const register = Number(/register-(\d+)$/.exec(object.metadata.name)?.[1] ?? Number.NaN)
    if (isRegister(register))
      this.#tell({ type: 'watch', at: monotonicMs(), register, revision, value: valueIn(object.data?.value ?? '') })
    this.#revision = Math.max(this.#revision, revision)
    return true
  }
}
