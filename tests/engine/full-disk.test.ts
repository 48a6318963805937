/** A cache on a disk that is full: tasks run all the same, nothing half-done is kept, and it is said. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { TestProject } from './project.ts'

const skip = process.getuid?.() === 0 ? false : 'needs root'

/** In a mount namespace of its own, so that the small disk is gone with it. */
function runOnSmallDisk(
  project: TestProject,
  sizeKiB: number,
  then: string,
): { readonly status: number | null; readonly stdout: string; readonly stderr: string } {
  mkdirSync(project.cacheDir, { recursive: true })
  const options = JSON.stringify({ projectDir: project.dir, cacheDir: project.cacheDir, workflow: 'main' })
  const run = `"$0" "$1" "$2"`
  const script = `mount -t tmpfs -o size=${sizeKiB}k tmpfs "$3" && ${run}; ${then.replaceAll('RUN', run)}; find "$3/tmp" -type f 2>/dev/null | sed s/^/left:/`
  return spawnSync(
    'unshare',
    [
      '--mount',
      'sh',
      '-c',
      script,
      process.execPath,
      join(import.meta.dirname, 'run-once.ts'),
      options,
      project.cacheDir,
    ],
    { encoding: 'utf8' },
  )
}

test('a full disk: the run passes, says what is not kept, and leaves nothing half-done', {
  skip,
  timeout: 60_000,
}, () => {
  using project = new TestProject()
  project.workflow(
    'tasks:\n  big: { run: "head -c 3000000 /dev/urandom > big", outputs: [big] }\n  use: { run: "wc -c < big > use", needs: [big], outputs: [use] }\n',
  )
  const ran = runOnSmallDisk(project, 1500, 'rm big; RUN')
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
  const ran = runOnSmallDisk(project, 8, 'true')
  assert.doesNotMatch(ran.stderr, / at .*\.ts:\d+/)
  assert.match(ran.stdout, /^\{"ok":.*the disk is full/)
})
