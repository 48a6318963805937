/** Results of many files: they lie in packs, of which each is checked when it is restored. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { test } from 'node:test'
import { digestOf } from '../../src/platform/digest.ts'
import { TestProject } from './project.ts'

/** 2,000 files of 1 KB, and one of each other kind. */
const workflow = `
tasks:
  make:
    run: |
      for folder in $(seq -w 40); do
        mkdir -p out/$folder
        for file in $(seq -w 50); do printf '%s %s %01000d\\n' $folder $file 0 >out/$folder/$file; done
      done
      : >out/20/empty
      head -c 200000 /dev/zero | tr '\\0' x >out/20/larger
      head -c 20000000 /dev/zero | tr '\\0' y >out/20/large
    outputs: [out]
`

test('a result of many files comes back whole, and is up to date then', async () => {
  using project = new TestProject()
  project.workflow(workflow)
  await project.run()
  const before = filesOf(project)
  assert.equal(Object.keys(before).length, 2_003)
  rmSync(project.path('out'), { recursive: true })
  assert.equal((await project.run()).status.make, 'restored')
  assert.deepEqual(filesOf(project), before)
  assert.equal((await project.run()).status.make, 'up-to-date')
})

test('large files of two results that come back at once are not mixed up', async () => {
  using project = new TestProject()
  const task = (name: string, letter: string) =>
    `  ${name}: { run: "head -c 40000000 /dev/zero | tr '\\\\0' ${letter} >${name}", outputs: [${name}] }\n`
  project.workflow(`tasks:\n${task('first', 'x')}${task('second', 'y')}`)
  await project.run({ concurrency: 2 })
  const before = [project.read('first'), project.read('second')]
  assert.deepEqual(
    before.map(text => text[0]),
    ['x', 'y'],
  )
  for (const name of ['first', 'second']) rmSync(project.path(name))
  const { status } = await project.run({ concurrency: 2 })
  assert.deepEqual([status.first, status.second], ['restored', 'restored'])
  // Not deepEqual: what differs would be told in 40 MB.
  assert.ok(project.read('first') === before[0] && project.read('second') === before[1])
})

for (const file of ['01/01', '40/50'])
  test(`a damaged blob among many (of ${file}) is found, and the task runs again`, async () => {
    using project = new TestProject()
    project.workflow(workflow)
    await project.run()
    const before = filesOf(project)
    const damaged = blobs(project).find(path => readFileSync(path, 'utf8').includes(file.replace('/', ' '))) ?? ''
    writeFileSync(damaged, readFileSync(damaged, 'utf8').replace(file.replace('/', ' '), '77 77'))
    rmSync(project.path('out'), { recursive: true })
    const ran = await project.run()
    assert.equal(ran.status.make, 'executed')
    assert.match(ran.because.make ?? '', new RegExp(`blob ${basename(damaged).slice(0, 12)}… is damaged`))
    assert.deepEqual(Object.keys(filesOf(project)), Object.keys(before))
    assert.deepEqual(readdirSync(join(project.cacheDir, 'tmp')), [])
  })

test('small files are few blobs, and most of them stay the same when a file changes', async () => {
  using project = new TestProject()
  project.workflow(workflow)
  await project.run()
  const before = blobs(project)
  assert.ok(before.length < 20, `${before.length} blobs`)
  project.workflow(workflow.replace(': >out/20/empty', 'echo longer >out/20/empty'))
  await project.run()
  const added = blobs(project).filter(path => !before.includes(path))
  assert.ok(added.length > 0 && added.length <= 3, `${added.length} of ${before.length} blobs are new`)
})

const blobs = (project: TestProject): string[] =>
  readdirSync(join(project.cacheDir, 'blobs'), { recursive: true, withFileTypes: true })
    .filter(one => one.isFile())
    .map(one => join(one.parentPath, one.name))

/** Path → content. */
function filesOf(project: TestProject): Readonly<Record<string, string>> {
  const entries = readdirSync(project.path('out'), { recursive: true, withFileTypes: true }).filter(one => one.isFile())
  const paths = entries.map(one => join(one.parentPath, one.name)).sort()
  return Object.fromEntries(paths.map(path => [path, readFileSync(path, 'utf8')]))
}

test('a sparse file stays sparse, and its bytes are the same', async () => {
  using project = new TestProject()
  project.workflow(
    'tasks: { a: { run: "echo start > img; truncate -s 30M img; echo middle >> img; truncate -s 60000001 img", outputs: [img] } }',
  )
  await project.run()
  const bytes = digestOf(readFileSync(project.path('img')))
  rmSync(project.path('img'))
  assert.equal((await project.run()).status.a, 'restored')
  assert.equal(digestOf(readFileSync(project.path('img'))), bytes)
  assert.ok(statSync(project.path('img')).blocks * 512 < 1_000_000)
  assert.equal((await project.run()).status.a, 'up-to-date')
})

test('times before 1970 stay', async () => {
  using project = new TestProject()
  const old = 'touch -d "1965-03-04 05:06:07 UTC"'
  project.workflow(
    `tasks: { a: { run: ${JSON.stringify(`mkdir out; echo 1 > out/f; ${old} out/f out; echo 2 > g; ${old} g`)}, outputs: [out, g] } }`,
  )
  await project.run()
  const times = () => ['out', 'out/f', 'g'].map(path => statSync(project.path(path)).mtimeMs)
  const before = times()
  for (const path of ['out', 'g']) rmSync(project.path(path), { recursive: true })
  assert.equal((await project.run()).status.a, 'restored')
  assert.deepEqual(times(), before)
  assert.ok((before[0] ?? 0) < 0)
})
