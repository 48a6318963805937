/** A remote whose results are damaged or made up: a warning, the task runs, and never a wrong byte. */
import assert from 'node:assert/strict'
import { existsSync, lstatSync, mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { chunkBytes, digestOfChunks } from '../../src/engine/files/content.ts'
import { pieceBytes } from '../../src/engine/remote/remote-blobs.ts'
import { encodeRecord, type RemoteRecord } from '../../src/engine/remote/remote-record.ts'
import {
  contentDigest,
  encodeManifest,
  type FileEntry,
  type Manifest,
  type ManifestEntry,
  type SizedBlob,
} from '../../src/engine/store/manifest.ts'
import { type Digest, digestOf } from '../../src/platform/digest.ts'
import { fates, projectWith, runWith, SharedFolder } from './remote-project.ts'

const workflow = `
tasks:
  make:
    run: mkdir out; cp src/a.txt out/a; head -c 1500000 /dev/zero | tr '\\0' x > out/big
    inputs: [src/a.txt]
    outputs: [out]
`
const sources = { 'src/a.txt': 'right' }

/** One result of `make`, uploaded. */
async function shared(): Promise<SharedFolder> {
  const folder = new SharedFolder()
  using project = projectWith(workflow, sources)
  assert.deepEqual((await runWith(project, folder.path)).warnings, [])
  return folder
}

const only = (paths: readonly string[]): string => {
  assert.equal(paths.length, 1, paths.join('\n'))
  return paths[0] ?? ''
}
const recordFile = (folder: SharedFolder): string => only(folder.files('/records/'))
const readRecord = (folder: SharedFolder): RemoteRecord =>
  JSON.parse(readFileSync(recordFile(folder), 'utf8').slice(65))

/** The pieces of the larger file are those of a full piece's length. */
const pieces = (folder: SharedFolder): readonly string[] =>
  folder.files('/blobs/').filter(path => readFileSync(path).length > pieceBytes)

/** A record and manifest that agree with each other and with all digests, only not with what a task may make. */
function plant(
  folder: SharedFolder,
  entries: readonly ManifestEntry[],
  more: Partial<RemoteRecord> = {},
  packs: readonly SizedBlob[] = [],
): void {
  const manifest: Manifest = {
    version: 1,
    ...(packs.length > 0 ? { packs: packs.map(({ digest, size }) => ({ digest, size })) } : {}),
    entries,
  }
  const text = encodeManifest(manifest)
  const sizeBytes = entries.reduce((sum, entry) => sum + (entry.type === 'file' ? entry.size : 0), 0)
  const record: RemoteRecord = {
    ...readRecord(folder),
    manifest: digestOf(text),
    manifestBytes: Buffer.byteLength(text),
    shortManifest: text,
    output: contentDigest(manifest),
    sizeBytes,
    ...more,
  }
  writeFileSync(recordFile(folder), encodeRecord(record))
}

/** A file whose blob really is in the remote. */
function plantedFile(folder: SharedFolder, path: string, text: string): ManifestEntry {
  const digest = digestOf(text)
  const piece = join(dirname(dirname(dirname(pieces(folder)[0] ?? ''))), digest.slice(0, 2), digest, '0')
  mkdirSync(dirname(piece), { recursive: true })
  writeFileSync(piece, Buffer.from(text).toString('base64'))
  return { type: 'file', path, mode: 0o644, size: text.length, mtimeUs: 0, digest }
}

const out: ManifestEntry = { type: 'folder', path: 'out', mode: 0o755, mtimeUs: 0 }
const link = (path: string, target: string): ManifestEntry => ({ type: 'link', path, target })

interface Lie {
  readonly name: string
  readonly warning: RegExp
  tell(folder: SharedFolder): void
}

const lies: readonly Lie[] = [
  {
    name: 'a flipped bit in a blob',
    warning: /blob .* is damaged/,
    tell(folder) {
      const [piece = ''] = pieces(folder)
      const bytes = readFileSync(piece)
      bytes[1000] = bytes.toString('latin1', 1000, 1001) === 'A' ? 0x42 : 0x41
      writeFileSync(piece, bytes)
    },
  },
  {
    name: 'a truncated piece',
    warning: /blob .* is damaged/,
    tell: folder => truncateSync(pieces(folder)[1] ?? '', 1000),
  },
  { name: 'an empty piece', warning: /blob .* is damaged/, tell: folder => truncateSync(pieces(folder)[0] ?? '', 0) },
  {
    name: 'a piece of many megabytes',
    warning: /blob .* is damaged/,
    tell: folder => truncateSync(pieces(folder)[0] ?? '', 5_000_000_000),
  },
  {
    name: 'a piece that is no base64',
    warning: /blob .* is damaged/,
    tell(folder) {
      const [piece = ''] = pieces(folder)
      writeFileSync(piece, '?'.repeat(readFileSync(piece).length))
    },
  },
  {
    name: 'a blob of another content',
    warning: /blob .* is damaged/,
    tell(folder) {
      const [piece = ''] = pieces(folder)
      writeFileSync(piece, Buffer.alloc(pieceBytes, 'y').toString('base64'))
    },
  },
  {
    name: 'a flipped bit in the record',
    warning: /its record is damaged/,
    tell(folder) {
      const text = readFileSync(recordFile(folder), 'utf8')
      writeFileSync(recordFile(folder), text.replace('"task":"make"', '"task":"mage"'))
    },
  },
  {
    name: 'an empty record',
    warning: /its record is damaged/,
    tell: folder => truncateSync(recordFile(folder), 0),
  },
  {
    name: 'a sealed record that is no JSON',
    warning: /its record has another form/,
    tell: folder => writeFileSync(recordFile(folder), `${digestOf('{')}\n{`),
  },
  {
    name: 'the record of another fingerprint',
    warning: /its record is that of another fingerprint/,
    tell: folder =>
      writeFileSync(recordFile(folder), encodeRecord({ ...readRecord(folder), key: digestOf('another') })),
  },
  {
    name: 'a manifest that the record does not name',
    warning: /its manifest is damaged/,
    tell: folder => plant(folder, [out], { manifest: digestOf('another') }),
  },
  {
    name: 'a manifest of another result',
    warning: /its manifest is that of another result/,
    tell: folder => plant(folder, [out], { output: digestOf('another') }),
  },
  {
    name: 'the manifest of another task',
    warning: /its manifest does not fit its task/,
    tell: folder => plant(folder, [plantedFile(folder, 'elsewhere', 'planted')]),
  },
  {
    name: 'a path with ..',
    warning: /its manifest does not fit its task/,
    tell: folder => plant(folder, [out, plantedFile(folder, '../planted', 'planted')]),
  },
  {
    name: 'a path with .. inside of an output',
    warning: /its manifest does not fit its task/,
    tell: folder => plant(folder, [out, plantedFile(folder, 'out/../planted', 'planted')]),
  },
  {
    name: 'an absolute path',
    warning: /its manifest does not fit its task/,
    tell: folder => plant(folder, [out, plantedFile(folder, '/tmp/k8s-ha-planted', 'planted')]),
  },
  {
    name: 'a file below a link',
    warning: /its manifest does not fit its task/,
    tell: folder => plant(folder, [out, link('out/link', 'deep'), plantedFile(folder, 'out/link/a', 'planted')]),
  },
  {
    name: 'a kind of entry that there is not',
    warning: /its manifest does not fit its task/,
    tell: folder => plant(folder, [out, { ...link('out/a', 'b'), type: 'device' } as unknown as ManifestEntry]),
  },
  {
    name: 'a mode that is none',
    warning: /its manifest does not fit its task/,
    tell: folder => plant(folder, [{ ...out, mode: 0o40755 } as ManifestEntry]),
  },
  {
    name: 'a set-user-id bit',
    warning: /its manifest does not fit its task/,
    tell(folder) {
      const file = plantedFile(folder, 'out/a', 'planted') as FileEntry
      plant(folder, [out, { ...file, mode: 0o4755 }])
    },
  },
  {
    name: 'a file that only its owner may read, which is never shared',
    warning: /its manifest does not fit its task/,
    tell(folder) {
      const file = plantedFile(folder, 'out/a', 'planted') as FileEntry
      plant(folder, [out, { ...file, mode: 0o600 }])
    },
  },
  {
    name: 'a name that no file system takes',
    warning: /its manifest does not fit its task/,
    tell: folder => plant(folder, [out, plantedFile(folder, `out/${'a'.repeat(256)}`, 'planted')]),
  },
  {
    name: 'a time that no file has',
    warning: /its manifest does not fit its task/,
    tell: folder => plant(folder, [{ ...out, mtimeUs: Number.MAX_SAFE_INTEGER } as ManifestEntry]),
  },
  {
    name: 'a link to a name that is too long',
    warning: /its manifest does not fit its task/,
    tell: folder => plant(folder, [out, link('out/a', 'x/'.repeat(3000))]),
  },
  {
    name: 'a note as long as a book',
    warning: /its record has another form/,
    tell: folder => writeFileSync(recordFile(folder), encodeRecord({ ...readRecord(folder), note: 'x'.repeat(1e6) })),
  },
  {
    name: 'a manifest of nothing but brackets',
    warning: /its manifest does not fit its task/,
    tell(folder) {
      const text = `[${'[],'.repeat(500_000)}[]]`
      const whole = { manifest: digestOf(text), manifestBytes: text.length, shortManifest: text }
      writeFileSync(recordFile(folder), encodeRecord({ ...readRecord(folder), ...whole }))
    },
  },
  {
    name: 'an absolute link',
    warning: /a link that leads out of its outputs \("out\/a"\)/,
    tell: folder => plant(folder, [out, link('out/a', '/etc/passwd')]),
  },
  {
    name: 'a link that leads out',
    warning: /a link that leads out of its outputs/,
    tell: folder => plant(folder, [out, link('out/a', '../src/a.txt')]),
  },
  {
    name: 'a link that leads out by way of another',
    warning: /a link that leads out of its outputs \("out\/a"\)/,
    tell: folder =>
      plant(folder, [
        out,
        { ...out, path: 'out/x' } as ManifestEntry,
        link('out/b', 'x'),
        link('out/a', 'b/../../src/a.txt'),
      ]),
  },
  {
    name: 'sizes that do not fit',
    warning: /the sizes in its manifest do not fit/,
    tell: folder => plant(folder, [out, plantedFile(folder, 'out/a', 'planted')], { sizeBytes: 1 }),
  },
  {
    name: 'chunks that do not fit the size',
    warning: /the sizes in its manifest do not fit/,
    tell(folder) {
      const chunks: Digest[] = [digestOf('one')]
      const file = plantedFile(folder, 'out/a', 'planted')
      plant(folder, [out, { ...file, size: chunkBytes * 2, chunks, digest: digestOfChunks(chunks) } as ManifestEntry])
    },
  },
  {
    name: 'a file that is another part of its pack than its manifest says',
    warning: /"out\/a" is not what its manifest says/,
    tell(folder) {
      const pack = plantedFile(folder, 'out/pack', 'rightwrong') as FileEntry
      const file: FileEntry = { ...pack, path: 'out/a', size: 5, digest: digestOf('right'), packed: [0, 5] }
      plant(folder, [out, file], {}, [pack])
    },
  },
  {
    name: 'a file beyond the end of its pack',
    warning: /its manifest does not fit its task/,
    tell(folder) {
      const pack = plantedFile(folder, 'out/pack', 'right') as FileEntry
      plant(folder, [out, { ...pack, path: 'out/a', packed: [0, 1] }], {}, [pack])
    },
  },
  {
    name: 'a file in a pack that there is not',
    warning: /its manifest does not fit its task/,
    tell(folder) {
      const file = plantedFile(folder, 'out/a', 'right') as FileEntry
      plant(folder, [out, { ...file, packed: [0, 0] }])
    },
  },
  {
    name: 'a result larger than the cache',
    warning: /it is larger than the cache may be/,
    tell(folder) {
      const chunks = Array.from({ length: 200 }, () => digestOf('one'))
      const file = plantedFile(folder, 'out/a', 'planted')
      plant(folder, [out, { ...file, size: chunkBytes * 200, chunks, digest: digestOfChunks(chunks) } as ManifestEntry])
    },
  },
]

for (const { name, warning, tell } of lies)
  test(`${name}: a warning, and the task runs; whoever may write puts it right`, async () => {
    using folder = await shared()
    tell(folder)
    using reader = projectWith(workflow, sources)
    const ran = await runWith(reader, folder.path, { policy: 'read-only', maxBytes: 2 ** 30 })
    assert.deepEqual(fates(ran), { make: 'executed' })
    assert.equal(ran.warnings.length, 1, ran.warnings.join('\n'))
    assert.match(ran.warnings[0] ?? '', warning)
    assert.equal(reader.read('out/a'), 'right')
    assert.equal(reader.read('out/big'), 'x'.repeat(1_500_000))
    assert.equal(existsSync(join(reader.dir, '../planted')), false)
    assert.equal(existsSync('/tmp/k8s-ha-planted'), false)
    assert.equal(lstatSync(reader.path('out/a')).isFile(), true)
    using writer = projectWith(workflow, sources)
    assert.match((await runWith(writer, folder.path, { maxBytes: 2 ** 30 })).warnings.join(), warning)
    using third = projectWith(workflow, sources)
    const got = await runWith(third, folder.path, { policy: 'read-only' })
    assert.deepEqual([fates(got), got.warnings], [{ make: 'restored from remote' }, []])
  })

test('what a store has thrown away is a miss and no lie, and comes back', async () => {
  using folder = await shared()
  rmSync(pieces(folder)[1] ?? '')
  using reader = projectWith(workflow, sources)
  const ran = await runWith(reader, folder.path)
  assert.deepEqual([fates(ran), ran.warnings], [{ make: 'executed' }, []])
  assert.match(ran.because.make ?? '', /its cached result cannot be used: blob .* is gone/)
  using third = projectWith(workflow, sources)
  assert.deepEqual(fates(await runWith(third, folder.path)), { make: 'restored from remote' })
})

test('--force-task puts right what is damaged, whatever this machine has', async () => {
  using folder = await shared()
  using writer = projectWith(workflow, sources)
  await runWith(writer, folder.path)
  truncateSync(pieces(folder)[0] ?? '', 10)
  assert.deepEqual(fates(await runWith(writer, folder.path, {}, { forceTasks: ['make'] })), { make: 'executed' })
  using third = projectWith(workflow, sources)
  assert.deepEqual(fates(await runWith(third, folder.path)), { make: 'restored from remote' })
})

test('a remote that lies again and again is not asked any more', async () => {
  using folder = new SharedFolder()
  const tasks = Array.from({ length: 10 }, (_, at) => `  t${at}: { run: "echo ${at} > o${at}", outputs: [o${at}] }\n`)
  using first = projectWith(`tasks:\n${tasks.join('')}`)
  await runWith(first, folder.path)
  for (const path of folder.files('/records/')) writeFileSync(path, 'lies')
  using second = projectWith(`tasks:\n${tasks.join('')}`)
  const ran = await runWith(second, folder.path, { policy: 'read-only' }, { concurrency: 1 })
  assert.deepEqual(new Set(Object.values(fates(ran))), new Set(['executed']))
  assert.equal(ran.warnings.filter(text => text.includes('its record is damaged')).length, 3)
  assert.equal(ran.warnings.filter(text => text.includes('not asked any more in this run: 3')).length, 1)
})

test('the note of a foreign result cannot command a terminal', async () => {
  using folder = await shared()
  const record = readRecord(folder)
  writeFileSync(recordFile(folder), encodeRecord({ ...record, note: 'well\u001b[2J\u0007\n\u202Edone' }))
  using reader = projectWith(workflow, sources)
  const ran = await runWith(reader, folder.path)
  assert.equal(ran.summary.tasks[0]?.note, 'well [2J done')
})
