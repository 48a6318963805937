/** In a shared folder, what is no plain file: a warning, the task runs, and at most a second is lost. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { fates, projectWith, runWith, SharedFolder } from './remote-project.ts'

const workflow = 'tasks:\n  make: { run: "head -c 600000 /dev/zero > out", outputs: [out] }\n'

type Lie = (path: string) => void
const lies: Readonly<Record<string, Lie>> = {
  'a pipe that nobody writes to': path => execFileSync('mkfifo', [path]),
  'an endless device': path => symlinkSync('/dev/zero', path),
  'a link to a file': path => {
    writeFileSync(`${path}.real`, 'x')
    symlinkSync(`${path}.real`, path)
  },
  'a link to itself': path => symlinkSync(path, path),
  'a socket': path =>
    execFileSync(
      'perl',
      ['-MIO::Socket::UNIX', '-e', 'chdir shift; IO::Socket::UNIX->new(Listen=>1,Local=>shift)'].concat([
        dirname(path),
        path.slice(dirname(path).length + 1),
      ]),
    ),
  'a folder': path => mkdirSync(path),
}

for (const [what, tell] of Object.entries(lies))
  for (const part of ['/records/', '/blobs/'])
    test(`${what} among the ${part.slice(1, -1)} is damage`, async () => {
      using folder = new SharedFolder()
      using first = projectWith(workflow)
      assert.deepEqual((await runWith(first, folder.path)).warnings, [])
      const [value = ''] = folder.files(part)
      rmSync(value)
      tell(value)
      using second = projectWith(workflow)
      const ran = await runWith(second, folder.path, { policy: 'read-only' })
      assert.deepEqual(fates(ran), { make: 'executed' })
      assert.match(ran.warnings.join(), /is not used: (its record|blob .*) is damaged$/)
    })

test('a pipe or a device in place of a value is replaced by who may write', async () => {
  using folder = new SharedFolder()
  using first = projectWith(workflow)
  await runWith(first, folder.path)
  const [record = ''] = folder.files('/records/')
  rmSync(record)
  symlinkSync('/dev/zero', record)
  using second = projectWith(workflow)
  await runWith(second, folder.path)
  using third = projectWith(workflow)
  assert.deepEqual(fates(await runWith(third, folder.path, { policy: 'read-only' })), { make: 'restored from remote' })
})

test('nothing is read or written through a folder that is a link', async context => {
  using folder = new SharedFolder()
  const elsewhere = mkdtempSync(join(tmpdir(), 'k8s-ha-elsewhere-'))
  context.after(() => rmSync(elsewhere, { recursive: true }))
  using first = projectWith(workflow)
  await runWith(first, folder.path)
  const records = join(folder.path, 'k8s-ha/1/main/records')
  renameSync(records, join(elsewhere, 'records'))
  symlinkSync(join(elsewhere, 'records'), records)
  const before = readdirSync(elsewhere, { recursive: true })
  using second = projectWith(workflow)
  const ran = await runWith(second, folder.path)
  assert.deepEqual(fates(ran), { make: 'executed' })
  assert.match(ran.warnings.join(), /its record is damaged.*is reached through a link/)
  assert.deepEqual(readdirSync(elsewhere, { recursive: true }), before)
  assert.ok(existsSync(records))
})
