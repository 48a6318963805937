/** What the system refuses: a clear error of the task that it happened to, and the others go on. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import type { RunSummary } from '../../src/engine/run-flow.ts'
import { makeFolder } from '../../src/platform/files.ts'
import { noMounts, startOnMounts } from './on-mounts.ts'
import { messages, TestProject } from './project.ts'

const isRoot = process.getuid?.() === 0
const runOnce = join(import.meta.dirname, 'run-once.ts')

/** A run as an ordinary user. */
function runAsUser(project: TestProject, more: object = {}): { readonly stdout: string; readonly stderr: string } {
  const options = JSON.stringify({ projectDir: project.dir, cacheDir: project.cacheDir, workflow: 'main', ...more })
  const user = isRoot ? ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'] : []
  const [file = '', ...args] = [...user, process.execPath, runOnce, options]
  return spawnSync(file, args, { encoding: 'utf8', cwd: '/' })
}

function giveAway(project: TestProject): void {
  if (isRoot) spawnSync('chown', ['-R', '65534:65534', project.dir])
}

test('an input that may not be read fails its task, with the path and what mends it; others go on', () => {
  using project = new TestProject()
  project.write('secret', 'x')
  project.write('dir/in', 'x')
  project.workflow(`
tasks:
  file: { run: "echo 1 > o", inputs: [secret], outputs: [o] }
  folder: { run: "echo 1 > o2", inputs: ["dir/**"], outputs: [o2] }
  fine: { run: "echo 1 > o3", outputs: [o3] }
`)
  chmodSync(project.path('secret'), 0)
  chmodSync(project.path('dir'), 0)
  giveAway(project)
  const { stdout, stderr } = runAsUser(project, { keepGoing: true })
  assert.equal(stderr.includes('Error'), false, stderr)
  assert.match(stdout, /"task":"file","status":"failed".*no permission for .*secret/)
  assert.match(stdout, /"task":"folder","status":"failed".*no permission for .*dir/)
  assert.match(stdout, /"task":"fine","status":"executed"/)
  assert.match(stdout, /"try":"sudo chown|"try":".*chmod/)
})

test('an output that may not be read fails its task only', () => {
  using project = new TestProject()
  project.workflow(`
tasks:
  bad: { run: "echo 1 > o; chmod 0 o", outputs: [o] }
  fine: { run: "echo 1 > o3", outputs: [o3] }
`)
  giveAway(project)
  const { stdout, stderr } = runAsUser(project, { keepGoing: true })
  assert.equal(stderr.includes('Error'), false, stderr)
  assert.match(stdout, /"task":"bad","status":"failed".*no permission/)
  assert.match(stdout, /"task":"fine","status":"executed"/)
})

test('a cache of another user is an error of the machine that names the owner', {
  skip: !isRoot && 'needs root',
}, async () => {
  using project = new TestProject()
  project.workflow('tasks: { a: { run: "echo 1 > o", outputs: [o] } }')
  await project.run()
  chmodSync(project.dir, 0o777)
  const { stdout } = runAsUser(project)
  assert.match(stdout, /"kind":"environment".*belongs to root.*"try":"sudo chown/)
})

test('a result whose folders may not be written is restored by an ordinary user', () => {
  using project = new TestProject()
  project.workflow(
    'tasks: { a: { run: "mkdir -p out/deep; echo 1 > out/deep/f; chmod 0444 out/deep/f; chmod 0555 out out/deep", outputs: [out] } }',
  )
  giveAway(project)
  runAsUser(project)
  for (const folder of ['out', 'out/deep']) chmodSync(project.path(folder), 0o755)
  rmSync(project.path('out'), { recursive: true })
  assert.match(runAsUser(project).stdout, /"status":"restored"/)
  assert.match(runAsUser(project).stdout, /"status":"up-to-date"/)
  for (const folder of ['out', 'out/deep']) chmodSync(project.path(folder), 0o755)
})

test('a workflow that may not be read, or is a circle of links, is refused with its name', async () => {
  using project = new TestProject()
  project.workflow('tasks: {}')
  symlinkSync('loop', project.path('loop'))
  project.write('workflows/other.yaml', 'include: [main]\n')
  chmodSync(project.path('workflows/main.yaml'), 0)
  giveAway(project)
  const { stdout } = runAsUser(project, { workflow: 'other' })
  assert.match(stdout, /"kind":"usage","message":"Cannot read the workflow: no permission/)
  project.write('workflows/other.yaml', 'tasks: { a: { run: "true", inputs: [loop/x], outputs: [o] } }')
  assert.match(messages(await project.refused({ workflow: 'other' }))[0] ?? '', /Input "loop\/x" of task "a"/)
})

test('a cache that is emptied during the run costs results, not the run', async () => {
  using project = new TestProject()
  project.workflow(`
tasks:
  a: { run: "echo 1 > a", outputs: [a] }
  b: { run: "rm -rf cache/*; mkdir b; echo 1 > b/1; echo 2 > b/2", needs: [a], outputs: [b] }
  c: { run: "cat b/* > c", needs: [b], outputs: [c] }
`)
  assert.equal((await project.run()).summary.status, 'passed')
  assert.equal((await project.run()).summary.status, 'passed')
})

test('a folder that cannot be made is an error, not a loop', () => {
  assert.throws(() => makeFolder('/proc/nowhere/below'), { code: 'ENOENT' })
  assert.throws(() => makeFolder('/dev/null/below'), { code: 'ENOTDIR' })
  mkdirSync('/tmp', { recursive: true })
  makeFolder('/tmp')
})

test('a mount below an output is named, and what mends it; other tasks go on', { skip: noMounts }, async () => {
  using project = new TestProject()
  project.workflow('tasks: { a: { run: "mkdir -p o/sub", outputs: o, inputs: in }, b: { run: "true" } }')
  project.write('in', '1')
  await project.run()
  project.write('in', '2')
  const wanted = { projectDir: project.dir, cacheDir: project.cacheDir, workflow: 'main', keepGoing: true }
  const argv = [process.execPath, runOnce, JSON.stringify(wanted)]
  const { stdout } = startOnMounts([project.path('o/sub')], argv)
  const { value }: { readonly value: RunSummary } = JSON.parse(stdout ? await text(stdout) : '')
  const [a, b] = value.tasks
  assert.equal(a?.failure?.message, `Cannot run "a": "${project.path('o/sub')}" is a mount point, or in use`)
  assert.match(a.failure.try ?? '', /^umount /)
  assert.equal(b?.status, 'executed')
})

test('a cache that is removed during a run is made again, and the run goes on', async () => {
  using project = new TestProject()
  project.workflow(`
tasks:
  a: { run: "echo one; rm -rf cache/*; echo two; mkdir o; echo x > o/a", outputs: o, inputs: [] }
  b: { run: "cat o/a > b; touch $TMPDIR/x; echo three", needs: a, outputs: b, env: [HOME] }
`)
  const ran = await project.run()
  assert.deepEqual(ran.status, { a: 'executed', b: 'executed' })
  assert.match(ran.output, /two[\s\S]*three/)
  assert.equal(readFileSync(join(ran.summary.runDir ?? '', 'b.log'), 'utf8'), 'three\n')
  assert.deepEqual((await project.run()).status, { a: 'up-to-date', b: 'up-to-date' })
})
