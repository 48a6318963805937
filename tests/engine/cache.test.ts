/** What decides whether a task runs. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TestProject } from './project.ts'

const chain = `
tasks:
  compile:
    run: mkdir -p out; tr a-z A-Z < src/a.txt > out/a
    inputs: [src/a.txt]
    outputs: [out/a]
  link:
    run: cat out/a out/a > out/b
    needs: [compile]
    outputs: [out/b]
`

test('a second run has nothing to do', async () => {
  using project = new TestProject()
  project.workflow(chain)
  project.write('src/a.txt', 'hello')
  const first = await project.run()
  assert.deepEqual(first.status, { compile: 'executed', link: 'executed' })
  assert.equal(first.because.compile, 'no earlier result')
  assert.equal(project.read('out/b'), 'HELLOHELLO')
  const second = await project.run()
  assert.deepEqual(second.status, { compile: 'up-to-date', link: 'up-to-date' })
})
