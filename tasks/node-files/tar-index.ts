/** The files of a tar archive and where they lie in it, found without reading them. */
import type { FileHandle } from 'node:fs/promises'

export interface TarEntry {
  readonly offset: number
  readonly size: number
}

const block = 512

/** By name; undefined when the file is no tar archive. Names longer than 100 bytes, which the format splits, are left out. */
export async function tarIndex(file: FileHandle): Promise<ReadonlyMap<string, TarEntry> | undefined> {
  const { size: end } = await file.stat()
  const entries = new Map<string, TarEntry>()
  const header = Buffer.alloc(block)
  for (let at = 0; at + block <= end; ) {
    await file.read(header, 0, block, at)
    // Two empty blocks end an archive; a file of them alone is none.
    if (header.every(byte => byte === 0)) return entries.size > 0 ? entries : undefined
    const size = sizeIn(header)
    if (!isHeader(header) || size === undefined || at + block + size > end) return undefined
    const name = textIn(header, 0, 100).replace(/^\.\//, '')
    if (isFile(header) && !entries.has(name)) entries.set(name, { offset: at + block, size })
    at += block + Math.ceil(size / block) * block
  }
  // Cut at the end of a file: what ends it is missing.
  return undefined
}

export async function readEntry(file: FileHandle, { offset, size }: TarEntry): Promise<string> {
  const content = Buffer.alloc(size)
  await file.read(content, 0, size, offset)
  return content.toString('utf8')
}

/** The checksum counts its own eight bytes as spaces. */
function isHeader(header: Buffer): boolean {
  const sum = header.reduce((total, byte, index) => total + (index >= 148 && index < 156 ? 32 : byte), 0)
  return Number.parseInt(textIn(header, 148, 8).trim(), 8) === sum
}

/** In octal digits; from 8 GiB on as a number of 12 bytes, whose first bit is set. */
function sizeIn(header: Buffer): number | undefined {
  if (((header[124] ?? 0) & 0x80) !== 0) return Number(header.readBigUInt64BE(128))
  const text = textIn(header, 124, 12).trim()
  return text === '' ? 0 : /^[0-7]+$/.test(text) ? Number.parseInt(text, 8) : undefined
}

const isFile = (header: Buffer): boolean => header[156] === 0 || header[156] === 0x30

function textIn(header: Buffer, start: number, length: number): string {
  const text = header.toString('utf8', start, start + length)
  const end = text.indexOf('\0')
  return end === -1 ? text : text.slice(0, end)
}
