/** What a running Go build reports, and how long it may still take. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { liveBy } from '../../src/platform/clock.ts'
import {
  type BuildTimes,
  keepBuildTimes,
  lastBuildTimes,
  remainingSeconds,
  remainingText,
} from '../../tasks/programs/build-times.ts'
import { GoProgress } from '../../tasks/programs/go-progress.ts'

/** Twenty equal steps of 30 s, then 120 s of linking. */
const last: BuildTimes = {
  packages: 100,
  marks: Array.from({ length: 21 }, (_, mark) => mark * 30),
  totalSeconds: 720,
}

test('packages are counted, and without an earlier build there is no estimate', t => {
  const { add, reports } = fixture(t)
  for (const line of [
    '== unpack',
    'a/b',
    '== compile 3 4',
    'internal/goarch',
    'k8s.io/api/core/v1',
    'go: a word',
    '== check',
  ])
    add(line)
  assert.deepEqual(reports, [
    'step 1 of 3 · unpack',
    'step 2 of 3 · compile · 0 of 3 packages compiled',
    'step 2 of 3 · compile · 1 of 3 packages compiled',
    'step 2 of 3 · compile · 2 of 3 packages compiled',
    'step 3 of 3 · check',
  ])
})

test('the estimate is what the last build took, stretched by how fast this one is', t => {
  const { add, reports, pass } = fixture(t, last)
  add('== compile 100 100')
  assert.equal(reports.at(-1), 'step 2 of 3 · compile · 0 of 100 packages compiled · about 12 min left')
  for (let done = 1; done <= 50; done++) {
    pass(12)
    add(`x/${done}`)
  }
  // Half of the packages took 600 s, not 300: what the last build did in 420 s takes 840.
  assert.equal(reports.at(-1), 'step 2 of 3 · compile · 50 of 100 packages compiled · about 14 min left')
})

test('a build that goes on is measured from where it goes on', () => {
  assert.equal(remainingSeconds(last, { from: 0.5, now: 0.5, elapsedSeconds: 0 }), 420)
  assert.equal(remainingSeconds(last, { from: 0.5, now: 0.75, elapsedSeconds: 75 }), 135)
  assert.equal(remainingSeconds(last, { from: 0, now: 1, elapsedSeconds: 600 }), 120)
  assert.equal(remainingText(59), 'less than a minute left')
})

test('only a whole build is remembered for the next one', t => {
  const whole = fixture(t)
  whole.add('== compile 20 20')
  for (let done = 1; done <= 20; done++) {
    whole.pass(3)
    whole.add(`x/${done}`)
  }
  whole.pass(40)
  whole.add('== check')
  assert.deepEqual(whole.progress.times(), {
    packages: 20,
    marks: Array.from({ length: 21 }, (_, mark) => mark * 3),
    totalSeconds: 100,
  })
  const rest = fixture(t, undefined, { isWhole: false })
  rest.add('== compile 5 20')
  for (let done = 1; done <= 5; done++) rest.add(`x/${done}`)
  rest.add('== check')
  assert.equal(rest.progress.times(), undefined)
})

test('what needs no compiling counts as done from the start', t => {
  const { add, progress, pass } = fixture(t)
  add('== compile 10 20')
  for (let done = 1; done <= 10; done++) {
    pass(3)
    add(`x/${done}`)
  }
  add('== check')
  const { marks = [] } = progress.times() ?? {}
  assert.equal(marks.length, 21)
  assert.deepEqual([marks[0], marks[10], marks[11], marks[20]], [0, 3, 3, 30])
})

test('without an earlier build of this version, another of the product counts', t => {
  const cacheDir = mkdtempSync(join(tmpdir(), 'k8s-ha-times-'))
  t.after(() => rmSync(cacheDir, { recursive: true, force: true }))
  assert.equal(lastBuildTimes(cacheDir, 'kubernetes-1.36'), undefined)
  keepBuildTimes(cacheDir, 'etcd-3.6', { ...last, packages: 1 })
  keepBuildTimes(cacheDir, 'kubernetes-1.35', { ...last, packages: 2 })
  assert.equal(lastBuildTimes(cacheDir, 'kubernetes-1.36')?.packages, 2)
  keepBuildTimes(cacheDir, 'kubernetes-1.36', { ...last, packages: 3 })
  assert.equal(lastBuildTimes(cacheDir, 'kubernetes-1.36')?.packages, 3)
  assert.equal(lastBuildTimes(cacheDir, 'source-1.20.2'), undefined)
})

function fixture(t: TestContext, lastBuild?: BuildTimes, { isWhole = true } = {}) {
  let seconds = 1000
  liveBy({ now: () => seconds * 1000, monotonicMs: () => seconds * 1000, sleep: async () => {} })
  t.after(() => liveBy())
  const reports: string[] = []
  const progress = new GoProgress({
    steps: ['unpack', 'compile', 'check'],
    last: lastBuild,
    isWhole,
    report: text => reports.push(text),
  })
  return {
    reports,
    progress,
    add: (line: string) => progress.add(line),
    pass: (more: number) => {
      seconds += more
    },
  }
}
