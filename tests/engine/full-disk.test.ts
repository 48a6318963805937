/** A disk that is full, under the cache or under the project: nothing half-done is kept, and it is said. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { TestProject } from './project.ts'

const skip = process.getuid?.() === 0 ? false : 'needs root'

interface SmallDisk {
  /** Where it is mounted. */
  readonly at: string
  readonly sizeKiB: number
  /** Shell, after a first run; RUN is another one, SIZE=… the size from then on. */
  readonly steps: string
}

/** In a mount namespace of its own, so that the small disk is gone with it. */
function runOnSmallDisk(
  project: TestProject,
  { at, sizeKiB, steps }: SmallDisk,
): { readonly status: number | null; readonly stdout: string; readonly stderr: string } {
  mkdirSync(at, { recursive: true })
  const options = JSON.stringify({ projectDir: project.dir, cacheDir: project.cacheDir, workflow: 'main' })
  const run = `"$0" "$1" "$2"`
  const later = steps.replaceAll('RUN', run).replaceAll(/SIZE=(\d+)/g, 'mount -o remount,size=$1k "$3"')
  const script = `mount -t tmpfs -o size=${sizeKiB}k tmpfs "$3" && ${run}; ${later}; find "$4/tmp" -type f 2>/dev/null | sed s/^/left:/`
  const runOnce = join(import.meta.dirname, 'run-once.ts')
  const argv = ['sh', '-c', script, process.execPath, runOnce, options, at, project.cacheDir]
  return spawnSync('unshare', ['--mount', ...argv], { encoding: 'utf8' })
}

test('a full disk: the run passes, says what is not kept, and leaves nothing half-done', {
  skip,
  timeout: 60_000,
}, () => {
  using project = new TestProject()
  project.workflow(
    'tasks:\n  big: { run: "head -c 3000000 /dev/urandom > big", outputs: [big] }\n  use: { run: "wc -c < big > use", needs: [big], outputs: [use] }\n',
  )
  const ran = runOnSmallDisk(project, { at: project.cacheDir, sizeKiB: 1500, steps: 'rm big; RUN' })
  assert.match(ran.stderr, /its result is not kept in .*cache: the disk is full/)
  const [first, second, ...left] = ran.stdout.trim().split('\n')
  assert.match(first ?? '', /"status":"passed"/)
  assert.match(second ?? '', /"status":"passed".*"task":"big","status":"executed"/)
  assert.deepEqual(left, [])
  assert.equal(project.read('use'), '3000000\n')
})

test('a disk with no room at all fails with a message, not with a crash', { skip, timeout: 60_000 }, () => {
  using project = new TestProject()
  project.workflow('tasks:\n  a: { run: "echo > a", outputs: [a] }\n')
  const ran = runOnSmallDisk(project, { at: project.cacheDir, sizeKiB: 8, steps: 'true' })
  assert.doesNotMatch(ran.stderr, / at .*\.ts:\d+/)
  assert.match(ran.stdout, /^\{"ok":.*the disk is full/)
})

test('a full disk under the outputs: neither a restore nor a task leaves half of one, and later all is right', {
  skip,
  timeout: 60_000,
}, () => {
  using project = new TestProject()
  project.workflow(
    'tasks:\n  big: { run: "head -c 3000000 /dev/zero > build/big", outputs: [build/big] }\n  use: { run: "wc -c < build/big > use", needs: [big], outputs: [use] }\n',
  )
  const steps = 'rm build/big use; SIZE=1000; RUN; ls build; SIZE=8000; RUN; wc -c < build/big'
  const at = project.path('build')
  const ran = runOnSmallDisk(project, { at, sizeKiB: 8000, steps: `cd "${project.dir}"; ${steps}` })
  const [first, full, again, size, ...rest] = ran.stdout.trim().split('\n')
  assert.match(first ?? '', /"task":"big","status":"executed"/)
  assert.match(full ?? '', /"task":"big","status":"failed".*its cached result cannot be used: the disk is full/)
  assert.match(full ?? '', /"task":"use","status":"skipped"/)
  assert.match(again ?? '', /"status":"passed".*"task":"big","status":"restored"/)
  assert.equal(size, '3000000')
  assert.deepEqual(rest, [])
})
