import assert from 'node:assert/strict'
import { test } from 'node:test'
import { whereTimeWent } from '../../scripts/testing/where-time-went.ts'

test('the table has a line per level and per file, the slowest file first', () => {
  const table = whereTimeWent([
    { name: 'types and style', tookMs: 12_340, files: new Map(), atATime: 1 },
    {
      name: 'without a cluster',
      tookMs: 61_000,
      files: new Map([
        ['tests/a.test.ts', 40_000],
        ['tests/b.test.ts', 60_960],
      ]),
      atATime: 2,
    },
    { name: 'real clusters', tookMs: 1_005_000, files: new Map([['tests/c.test.ts', 1_004_900]]), atATime: 1 },
  ])
  assert.equal(
    table,
    `where the time went
   12.3 s  types and style
   61.0 s  without a cluster: 2 files, 2 at a time, 101.0 s added up
           61.0 s  tests/b.test.ts
           40.0 s  tests/a.test.ts
 1005.0 s  real clusters: 1 file, one at a time
         1004.9 s  tests/c.test.ts
 1078.3 s  all
`,
  )
})
