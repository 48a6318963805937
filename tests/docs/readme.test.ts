/** README.md shows what is there: its picture is the drawn one, its table has every workflow. */
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { test } from 'node:test'
import { pictureFile, readmePicture } from '../../scripts/draw-readme.ts'

const root = join(import.meta.dirname, '../..')
const readme = readFileSync(join(root, 'README.md'), 'utf8')

test('docs/k8s-ha.svg is what scripts/draw-readme.ts draws', () => {
  assert.equal(readFileSync(pictureFile, 'utf8'), readmePicture(), 'run: node scripts/draw-readme.ts')
})

test('the table of workflows in README.md has each workflow that `k8s-ha flow` lists, once', () => {
  const shipped = globSync('*.yaml', { cwd: join(root, 'workflows') }).map(file => basename(file, '.yaml'))
  assert.deepEqual(workflowsOf(readme).toSorted(), shipped.toSorted())
})

/** The names in the first column of the table whose head says "workflow". */
function workflowsOf(text: string): readonly string[] {
  const [, rows = ''] = /^\| workflow .*\n\| ---.*\n((?:\|.*\n)+)/m.exec(text) ?? []
  const cells = rows.split('\n').map(row => row.split('|')[1] ?? '')
  return cells.flatMap(cell => [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name))
}
