/**
 * The two streams of the process: results go to stdout, progress to stderr. Much of what is printed comes from files and
 * programs of others: control characters are shown, not sent; where colours are wanted, those may stay.
 */
import { shownLines } from '../report/printable.ts'

export interface Console {
  out(text: string): void
  err(text: string): void
  /** To stderr: first what takes lines away, which is sent as it is. */
  draw(erase: string, text: string): void
  /** Results that need not be text. */
  bytes(bytes: Uint8Array): void
  /** Whether someone still reads results: who piped them into `head` may have enough. */
  readonly isRead: boolean
  /** Resolves when readers took all of it, or went away: what a pipe did not take yet ends with the process. */
  taken(): Promise<void>
  /** Of stderr, where progress goes. */
  readonly isTerminal: boolean
  readonly color: boolean
  /** Lines may be drawn anew. */
  readonly isLive: boolean
  /** Of stdout, where results go. */
  readonly resultColor: boolean
  /** How wide a line of results may be; without end where no terminal sets a limit. */
  readonly resultColumns: number
  terminalSize(): { readonly columns: number; readonly rows: number }
}

const flushLength = 16 * 1024

export function processConsole(environment: Readonly<Record<string, string | undefined>>): Console {
  // A reader that went away (`| head`), or a terminal that was closed, must not end a run before it cleaned up.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
  const isTerminal = process.stderr.isTTY === true && environment.TERM !== 'dumb'
  const isResultTerminal = process.stdout.isTTY === true && environment.TERM !== 'dumb'
  const wishes = colorWishes(environment)
  const color = wishes ?? isTerminal
  const resultColor = wishes ?? isResultTerminal
  const { print, flush } = printer()
  return {
    out: text => print(process.stdout, shownLines(text, { keepColors: resultColor })),
    err: text => print(process.stderr, shownLines(text, { keepColors: color })),
    draw: (erase, text) => print(process.stderr, erase + shownLines(text, { keepColors: color })),
    bytes: bytes => {
      flush()
      process.stdout.write(bytes)
    },
    get isRead() {
      return process.stdout.errored === null
    },
    taken: async () => {
      flush()
      await Promise.all([process.stdout, process.stderr].map(taken))
    },
    isTerminal,
    color,
    isLive: isTerminal && wishes !== false && !isSet(environment.CI),
    resultColor,
    resultColumns: isResultTerminal ? process.stdout.columns || 80 : Number.POSITIVE_INFINITY,
    terminalSize: () => ({ columns: process.stderr.columns || 80, rows: process.stderr.rows || 24 }),
  }
}

const isSet = (value: string | undefined): boolean => value !== undefined && !/^(|0|false)$/i.test(value)

/** NO_COLOR (https://no-color.org) before FORCE_COLOR; undefined: neither is set. */
function colorWishes({ NO_COLOR, FORCE_COLOR }: Readonly<Record<string, string | undefined>>): boolean | undefined {
  if (NO_COLOR) return false
  return FORCE_COLOR === undefined ? undefined : FORCE_COLOR === '' || isSet(FORCE_COLOR)
}

/** Prints in order, and what comes at once in one piece: a thousand lines need not be a thousand writes. */
function printer() {
  let waiting: NodeJS.WriteStream | undefined
  let text = ''
  const flush = () => {
    waiting?.write(text)
    waiting = undefined
    text = ''
  }
  process.on('exit', flush)
  const print = (stream: NodeJS.WriteStream, more: string) => {
    if (stream !== waiting) flush()
    if (waiting === undefined) setImmediate(flush)
    waiting = stream
    text += more
    if (text.length > flushLength) flush()
  }
  return { print, flush }
}

const taken = (stream: NodeJS.WriteStream): Promise<void> => new Promise(resolve => stream.write('', () => resolve()))
