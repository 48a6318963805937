/** Deterministic tar archives: sorted, owned by root, one fixed time. The same files give the same bytes. */
import { buffer } from 'node:stream/consumers'
import { pack } from 'tar-stream'
import type { OverlayFile } from './overlay-file.ts'

/** Not 1970, which tar programs warn about. */
const mtime = new Date('2020-01-01T00:00:00Z')

export async function makeTar(files: readonly OverlayFile[]): Promise<Uint8Array> {
  const archive = pack()
  const bytes = buffer(archive)
  const owner = { uid: 0, gid: 0, uname: 'root', gname: 'root', mtime }
  const sorted = [...files].sort((a, b) => (a.path < b.path ? -1 : 1))
  for (const name of foldersOf(sorted)) archive.entry({ ...owner, name: `${name}/`, type: 'directory', mode: 0o755 })
  for (const { path, mode, content } of sorted) {
    const data = Buffer.from(content)
    archive.entry({ ...owner, name: path, type: 'file', mode, size: data.length }, data)
  }
  archive.finalize()
  return bytes
}

/** Every folder above a file, parents first. */
function foldersOf(files: readonly OverlayFile[]): readonly string[] {
  const folders = new Set<string>()
  for (const { path } of files) {
    const parts = path.split('/').slice(0, -1)
    for (const index of parts.keys()) folders.add(parts.slice(0, index + 1).join('/'))
  }
  return [...folders].sort()
}
