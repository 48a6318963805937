/** --verify-inputs and `sandbox:` tasks on the real sandbox; needs root, which it says when it is missing. */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { test } from 'node:test'
import { runDeclared } from '../../src/sandbox/run-declared.ts'
import { messages, TestProject } from './project.ts'

const skip = process.getuid?.() === 0 ? false : 'needs root'
const extra = { verifyInputs: true, sandbox: { run: runDeclared } }

test('--verify-inputs names every file that a task reads and does not declare', { skip }, async () => {
  using project = new TestProject()
  project.workflow(`
tasks:
  good: { run: "cat a.txt > good", inputs: [a.txt], outputs: [good] }
  bad: { run: "cat a.txt secret/b.txt good > bad", inputs: [a.txt], outputs: [bad] }
  needing: { run: "cat good > needing", needs: [good], outputs: [needing] }
`)
  project.write('a.txt', 'a')
  project.write('secret/b.txt', 'b')
  // Undeclared reads go unnoticed without.
  assert.equal((await project.run({ concurrency: 1 })).summary.status, 'passed')
  const ran = await project.run({ ...extra, keepGoing: true, concurrency: 1 })
  assert.deepEqual(ran.status, { good: 'executed', bad: 'failed', needing: 'executed' })
  const failure = ran.summary.tasks.find(({ task }) => task === 'bad')?.failure
  assert.match(failure?.message ?? '', /^Task "bad" wants files that it does not declare: "good", "secret\/b\.txt"/)
  assert.equal(failure?.try, 'add them to its inputs')
})

test('an undeclared write of a sandboxed task is an error that names the file', { skip }, async () => {
  using project = new TestProject()
  project.workflow('tasks:\n  write: { run: "echo > out; mkdir -p stray; echo > stray/file", outputs: [out] }\n')
  const ran = await project.run(extra)
  assert.match(ran.summary.tasks[0]?.failure?.message ?? '', /wrote files that it does not declare: "stray\/file"/)
  assert.equal(existsSync(project.path('stray')), false)
})

test('a sandbox task without a sandbox is told before anything runs', async () => {
  using project = new TestProject()
  project.workflow(
    'tasks:\n  root: { run: "touch root.tar", outputs: [root.tar] }\n  build: { run: "true", sandbox: { root: root } }\n',
  )
  assert.deepEqual(messages(await project.refused()), ['Cannot run "build" of main: there is no sandbox here'])
  assert.equal(existsSync(project.path('root.tar')), false)
})
