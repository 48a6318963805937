/** Scripts of any size, and output of any size that is no text. */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { WholeLines } from '../../src/platform/whole-lines.ts'
import { TestProject } from './project.ts'

const filler = ': a line that says nothing\n'.repeat(8_000)

for (const [kind, more, word] of [
  ['plain', '', 'e'],
  ['not ASCII', '', 'é'],
  ['with variables', ', env: [HOME]', 'e'],
] as const)
  test(`a script of 200 KB runs as a short one does: ${kind}`, async () => {
    using project = new TestProject()
    const script = `# ${word}\n${filler}cat\necho "$0 $# $LINENO ${word}" > o\ncat <<E >> o\nend\nE`
    project.workflow(`tasks: { a: { run: ${JSON.stringify(script)}, outputs: [o]${more} } }`)
    assert.equal((await project.run()).summary.status, 'passed')
    assert.equal(project.read('o'), `bash 0 8003 ${word}\nend\n`)
    project.workflow(`tasks: { a: { run: ${JSON.stringify(`${script}\nfalse\ntrue`)}, outputs: [o]${more} } }`)
    const ran = await project.run()
    assert.match(ran.summary.tasks[0]?.failure?.message ?? '', /exit code 1/)
  })

test('output of a fingerprint command counts byte by byte', async () => {
  using project = new TestProject()
  project.workflow('tasks: { a: { run: "cp in o", outputs: [o], fingerprint: ["cat in"] } }')
  for (const byte of [0xe9, 0xe8]) {
    writeFileSync(project.path('in'), Buffer.of(0x76, byte))
    assert.equal((await project.run()).status.a, 'executed')
  }
})

test('output of a fingerprint command may be larger than a text can be kept', { timeout: 60_000 }, async () => {
  using project = new TestProject()
  project.workflow('tasks: { a: { run: "echo > o", outputs: [o], fingerprint: ["head -c 505000000 /dev/zero"] } }')
  const before = process.resourceUsage().maxRSS
  assert.equal((await project.run()).status.a, 'executed')
  assert.ok(process.resourceUsage().maxRSS - before < 200_000, 'KiB of memory')
  assert.equal((await project.run()).status.a, 'up-to-date')
})

test('a line without end is cut where its reader wants it', () => {
  const lines = new WholeLines(4)
  assert.deepEqual([lines.add('abc'), lines.add('def'), lines.add('g\n'), lines.end()], [[], ['abcdef'], ['g'], ''])
})
