/** Reads a text file of the user: UTF-8, or refused with the place of the first byte that is not. */
import { isUtf8 } from 'node:buffer'
import { readFileSync, statSync } from 'node:fs'
import { usage } from '../platform/failure.ts'
import { fail, ok, type Result } from '../platform/result.ts'
import { systemFailure } from '../platform/system-error.ts'
import { placeText, SourceText } from './source-text.ts'

/** `shown`: the file as the user knows it; `what`: "workflow". */
export function readText(path: string, shown: string, what: string): Result<string> {
  let bytes: Buffer
  try {
    // A device may be endless, and a pipe may never be written to.
    const stat = statSync(path)
    if (!stat.isFile() && !stat.isDirectory())
      return fail(usage(`Cannot read the ${what}: it is no file`, { at: shown }))
    bytes = readFileSync(path)
  } catch (error) {
    return fail(systemFailure(`Cannot read the ${what}`, error, { kind: 'usage', at: shown }))
  }
  const text = bytes.toString('utf8')
  if (isUtf8(bytes)) return ok(text)
  const source = new SourceText(shown, text)
  const offset = bytes.toString('utf8', 0, wholeLength(bytes)).length
  const byte = bytes[wholeLength(bytes)]?.toString(16).padStart(2, '0')
  return fail(
    usage(`Cannot read the ${what}: it is not UTF-8 (byte 0x${byte})`, {
      at: placeText(source.place(offset)),
      excerpt: source.excerpt(offset, 1),
      try: `iconv -f ISO-8859-1 -t UTF-8 ${shown}   if it was written as Latin-1`,
    }),
  )
}

/** How many bytes at the beginning are UTF-8. */
function wholeLength(bytes: Buffer): number {
  let [low, high] = [0, bytes.length]
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (isUtf8(bytes.subarray(0, middle)) || [1, 2, 3].some(more => startsCharacter(bytes, middle, more))) low = middle
    else high = middle - 1
  }
  while (low > 0 && !isUtf8(bytes.subarray(0, low))) low--
  return low
}

/** Whether the cut stands within a character that is whole with so many bytes more. */
const startsCharacter = (bytes: Buffer, at: number, more: number): boolean =>
  at + more <= bytes.length && isUtf8(bytes.subarray(0, at + more))
