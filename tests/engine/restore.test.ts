import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { TestProject } from './project.ts'

const workflow = `
tasks:
  make:
    run: |
      for folder in $(seq -w 40); do
        mkdir -p out/$folder
        for file in $(seq -w 50); do echo $folder $file >out/$folder/$file; done
      done
    outputs: [out]
`

test('a result of many files comes back whole, and is up to date then', async () => {
  using project = new TestProject()
  project.workflow(workflow)
  await project.run()
  const before = filesOf(project)
  assert.equal(Object.keys(before).length, 2_000)
  rmSync(project.path('out'), { recursive: true })
  assert.equal((await project.run()).status.make, 'restored')
  assert.deepEqual(filesOf(project), before)
  assert.equal((await project.run()).status.make, 'up-to-date')
})

for (const file of ['01/01', '40/50'])
  test(`a damaged blob among many (of ${file}) is found, and the task runs again`, async () => {
    using project = new TestProject()
    project.workflow(workflow)
    await project.run()
    const before = filesOf(project)
    const digest = hash('sha256', project.read(`out/${file}`))
    writeFileSync(join(project.cacheDir, 'blobs', digest.slice(0, 2), digest), '01 02\n')
    rmSync(project.path('out'), { recursive: true })
    const ran = await project.run()
    assert.equal(ran.status.make, 'executed')
    assert.match(ran.because.make ?? '', new RegExp(`blob ${digest.slice(0, 12)}… is damaged`))
    assert.deepEqual(Object.keys(filesOf(project)), Object.keys(before))
    assert.deepEqual(readdirSync(join(project.cacheDir, 'tmp')), [])
  })

/** Path → content. */
function filesOf(project: TestProject): Readonly<Record<string, string>> {
  const entries = readdirSync(project.path('out'), { recursive: true, withFileTypes: true }).filter(one => one.isFile())
  const paths = entries.map(one => join(one.parentPath, one.name)).sort()
  return Object.fromEntries(paths.map(path => [path, readFileSync(path, 'utf8')]))
}
