/** Links to folders among the inputs, names with line breaks, and repositories inside of the project. */
import assert from 'node:assert/strict'
import { symlinkSync } from 'node:fs'
import { test } from 'node:test'
import { changedPaths, watchedFiles } from '../../src/engine/watched-files.ts'
import { TestProject } from './project.ts'

for (const [what, input, link, target] of [
  ['a link itself', 'lib', 'lib', 'real/lib'],
  ['a link in a folder', 'src', 'src/lib', '../real/lib'],
  ['a glob that matches a link', 'src/**', 'src/lib', '../real/lib'],
  ['a glob that matches behind a link only', 'src/**/*.c', 'src/lib', '../real/lib'],
  ['a glob whose base is a link', 'lib/*.c', 'lib', 'real/lib'],
  ['a file behind a link', 'lib/f.c', 'lib', 'real/lib'],
  ['a link to a link', 'src/**', 'src/lib', '../through/lib'],
] as const)
  test(`what is behind a link to a folder counts, in a run and for --watch: ${what}`, async () => {
    using project = new TestProject()
    project.write('real/lib/f.c', '1')
    project.write('through/other', '1')
    project.write('src/own.c', '1')
    symlinkSync('../real/lib', project.path('through/lib'))
    symlinkSync(target, project.path(link))
    project.workflow(`tasks: { a: { run: "cat ${link}/f.c > out", inputs: ["${input}"], outputs: [out] } }`)
    assert.equal((await project.run()).status.a, 'executed')
    assert.equal((await project.run()).status.a, 'up-to-date')
    const watched = await watchedFiles(project.options(), 'main', undefined)
    const before = watched.snapshot()
    project.write('real/lib/f.c', '22')
    assert.equal(changedPaths(before, watched.snapshot()).length, 1)
    assert.ok(watched.roots.includes(project.path('real/lib')))
    assert.equal((await project.run()).status.a, 'executed')
    assert.equal(project.read('out'), '22')
  })

test('a link to a file is watched where it leads to', async () => {
  using project = new TestProject()
  project.write('config/cfg', '1')
  project.write('src/x', '1')
  symlinkSync('../config/cfg', project.path('src/cfg'))
  project.workflow('tasks: { a: { run: "cat src/cfg > out", inputs: ["src/**"], outputs: [out] } }')
  const watched = await watchedFiles(project.options(), 'main', undefined)
  const before = watched.snapshot()
  project.write('config/cfg', '22')
  assert.deepEqual(changedPaths(before, watched.snapshot()), ['src/cfg'])
  assert.ok(watched.roots.includes(project.path('config/cfg')))
})

test('links in a circle are refused with the path, unless they are excluded', async () => {
  using project = new TestProject()
  project.write('src/deep/x.c', '1')
  symlinkSync('..', project.path('src/deep/up'))
  const task = (inputs: string) => `tasks: { a: { run: "echo > out", inputs: [${inputs}], outputs: [out] } }`
  project.workflow(task('"src/**"'))
  assert.match(
    (await project.refused()).message,
    /Inputs of task "a" lie in a circle: "src\/deep\/up" leads to .*src, which/,
  )
  project.workflow(task('"src/**", "!src/deep/up"'))
  assert.equal((await project.run()).summary.status, 'passed')
})

for (const input of ['src/**', 'src/*', 'src', 'src/**/*.c', '**/*l.c'])
  test(`a name with a line break is matched by ${input}`, async () => {
    using project = new TestProject()
    project.write('src/n\nl.c', '1')
    project.write('src/al.c', '1')
    project.workflow(`tasks: { a: { run: "cat src/* > out", inputs: ["${input}"], outputs: [out] } }`)
    await project.run()
    project.write('src/n\nl.c', '2')
    assert.equal((await project.run()).status.a, 'executed')
  })

test('a repository inside of the project is no input: neither its folder nor the file of a submodule', async () => {
  using project = new TestProject()
  project.write('vendor/lib/x', '1')
  project.write('vendor/lib/.git/config', '1')
  project.write('vendor/sub/.git', 'gitdir: elsewhere')
  project.workflow('tasks: { a: { run: "cat vendor/lib/x > out", inputs: [vendor, "vendor/**"], outputs: [out] } }')
  await project.run()
  project.write('vendor/lib/.git/config', '2')
  project.write('vendor/sub/.git', 'gitdir: there')
  assert.equal((await project.run()).status.a, 'up-to-date')
})
