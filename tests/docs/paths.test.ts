/** Documentation names files that exist, and the layout in docs/architecture.md has every folder. */
import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { test } from 'node:test'

const root = join(import.meta.dirname, '../..')
const pages = ['README.md', 'CONTRIBUTING.md', 'cache/README.md', ...globSync('docs/*.md', { cwd: root })].sort()
/** Files that a reader is shown how to write. */
const examples = ['scenarios/worker-reset', 'mine', 'count', 'hello', 'site'].map(name => `workflows/${name}.yaml`)
const included = ['workflows/other.yaml', 'workflows/parts/other.yaml']

for (const page of pages)
  test(`every path of a source file in ${page} exists`, () => {
    const text = readFileSync(join(root, page), 'utf8')
    const named = text.matchAll(/(?<![\w./-])(?:src|tasks|tests|scripts|bench|docs|workflows|patches)\/[\w./-]*\w/g)
    const missing = [...named].map(([path]) => path).filter(path => !existsSync(join(root, path)))
    assert.deepEqual(
      missing.filter(path => ![...examples, ...included].includes(path)),
      [],
    )
  })

test('the layout in docs/architecture.md has every folder of src/, src/engine/ and src/ha/', () => {
  const text = readFileSync(join(root, 'docs/architecture.md'), 'utf8')
  const folders = globSync(['src/*/', 'src/engine/*/', 'src/ha/*/'], { cwd: root }).map(path => basename(path))
  const missing = folders.filter(name => !new RegExp(`^ +${name}/ `, 'm').test(text))
  assert.deepEqual(missing, [])
})
