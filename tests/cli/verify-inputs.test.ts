import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { makeProject } from './project.ts'
import { run } from './run.ts'

const flow = (run: string) =>
  `tasks:\n  build: { run: ${JSON.stringify(run)}, inputs: [src/a.txt], outputs: [out/b] }\n`

test('a task that declares what it reads and writes passes', async context => {
  const cwd = makeProject(context, { 'workflows/honest.yaml': flow('mktemp; mkdir -p out; cat src/a.txt > out/b') })
  const { code, stderr } = await run(['flow', 'honest', '--verify-inputs'], { cwd })
  assert.equal(code, 0, stderr)
  assert.ok(existsSync(join(cwd, 'out/b')))
})

test('every file that a task reads without declaring it is named', async context => {
  const cwd = makeProject(context, {
    'workflows/hasty.yaml': flow('cat src/a.txt > out/b; cat "src/größe 1.txt" || true; cd src; cat c.txt || true'),
    'src/größe 1.txt': 'b\n',
    'src/c.txt': 'c\n',
  })
  const { code, stderr } = await run(['flow', 'hasty', '--verify-inputs'], { cwd })
  assert.equal(code, 1)
  assert.match(stderr, /wants files that it does not declare: "src\/c\.txt", "src\/größe 1\.txt"\n/)
})

test('a file that a task writes without declaring it is named, and is gone', async context => {
  const cwd = makeProject(context, { 'workflows/messy.yaml': flow('cat src/a.txt > out/b; echo x > stray') })
  const { code, stderr } = await run(['flow', 'messy', '--verify-inputs'], { cwd })
  assert.equal(code, 1)
  assert.match(stderr, /wrote files that it does not declare: "stray"\n/)
  assert.ok(!existsSync(join(cwd, 'stray')))
})
