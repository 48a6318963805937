/**
 * Names of files as texts. For the kernel a name is bytes, most often UTF-8. A byte that is not stands in the text as a
 * lone surrogate, U+DC80 to U+DCFF for 0x80 to 0xFF, as in Python (PEP 383): no name is lost, and no two become one.
 */
import { isUtf8 } from 'node:buffer'
import { readdirSync, readlinkSync } from 'node:fs'

const replacement = '\ufffd'
const escaped = 0xdc00
/** In a name that is well formed this matches nothing. */
const loneByte = /([\udc80-\udcff])/u

/** What a call to the system takes for that path. */
export const systemPath = (path: string): string | Buffer => (path.isWellFormed() ? path : bytesOf(path))

/** Of links, folders and files alike. */
export function namesIn(folder: string): string[] {
  const path = systemPath(folder)
  const names = readdirSync(path)
  return names.some(isDoubtful) ? readdirSync(path, { encoding: 'buffer' }).map(textOf) : names
}

export function linkTarget(link: string): string {
  const path = systemPath(link)
  const target = readlinkSync(path)
  return isDoubtful(target) ? textOf(readlinkSync(path, { encoding: 'buffer' })) : target
}

/** Whether this is how that name is written: two texts must not stand for one file. */
export const isCanonical = (name: string): boolean => name.isWellFormed() || textOf(bytesOf(name)) === name

/** What was not UTF-8 may have been read as that; or the name really holds this character. */
export const isDoubtful = (name: string): boolean => name.includes(replacement)

function bytesOf(path: string): Buffer {
  const parts = path.split(loneByte)
  return Buffer.concat(
    parts.map((part, at) => (at % 2 === 1 ? Buffer.of(part.charCodeAt(0) - escaped) : Buffer.from(part))),
  )
}

function textOf(bytes: Buffer): string {
  let text = ''
  for (let at = 0; at < bytes.length; ) {
    const length = [1, 2, 3, 4].find(count => at + count <= bytes.length && isUtf8(bytes.subarray(at, at + count)))
    text +=
      length === undefined ? String.fromCharCode(escaped + (bytes[at] ?? 0)) : bytes.toString('utf8', at, at + length)
    at += length ?? 1
  }
  return text
}
