/** What a command prints, as text: handed on as it comes, and its end kept. */
import { StringDecoder } from 'node:string_decoder'

export type Stream = 'stdout' | 'stderr'

/** Characters of each stream. */
const keptLength = 4 * 1024 * 1024

export class PrintedTexts {
  readonly #onText: ((text: string, stream: Stream) => void) | undefined
  readonly #decoders = { stdout: new StringDecoder(), stderr: new StringDecoder() }
  readonly #kept = { stdout: '', stderr: '' }

  constructor(onText?: (text: string, stream: Stream) => void) {
    this.#onText = onText
  }

  add(bytes: Uint8Array, stream: Stream): void {
    this.#take(this.#decoders[stream].write(bytes), stream)
  }

  /** When nothing more will come. */
  end(): { readonly stdout: string; readonly stderr: string } {
    for (const stream of ['stdout', 'stderr'] as const) this.#take(this.#decoders[stream].end(), stream)
    return this.#kept
  }

  #take(text: string, stream: Stream): void {
    if (text === '') return
    const kept = this.#kept[stream] + text
    // Cut now and then, as each cut costs.
    this.#kept[stream] = kept.length > 2 * keptLength ? kept.slice(-keptLength) : kept
    this.#onText?.(text, stream)
  }
}
