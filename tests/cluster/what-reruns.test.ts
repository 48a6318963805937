/** After an edit only what it affects runs again, and the plan says why. */
import assert from 'node:assert/strict'
import { appendFileSync, writeFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { OwnProject } from './support/own-project.ts'
import { runCli, shown } from './support/run-cli.ts'

let project: OwnProject
before(async () => {
  project = new OwnProject()
  for (const workflow of ['overlay', 'kubernetes-build', 'etcd-build']) {
    const run = await runCli(['flow', workflow, ...project.options])
    assert.equal(run.exitCode, 0, shown(run))
  }
})
after(() => project.remove())

/** Task → what would happen to it and why, for the tasks that would do something. */
async function plan(): Promise<ReadonlyMap<string, string>> {
  const run = await runCli(['flow', 'start', '--dry-run', '--run-fingerprints', '--json', ...project.options])
  assert.equal(run.exitCode, 0, shown(run))
  const events = run.stdout
    .split('\n')
    .filter(Boolean)
    .map(line => JSON.parse(line))
  return new Map(
    events
      .filter(event => event.type === 'task-finished' && event.status !== 'up-to-date')
      .map(event => [event.task, `${event.status}: ${event.because}`]),
  )
}

test('an edited haproxy template: the overlay and what follows it', async () => {
  appendFileSync(project.path('overlay/etc/haproxy/haproxy.cfg.template'), '\n# edited\n')
  const planned = await plan()
  assert.deepEqual([...planned.keys()].sort(), ['make-overlay', 'start'])
  assert.match(
    planned.get('make-overlay') ?? '',
    /would-execute: .*overlay\/etc\/haproxy\/haproxy\.cfg\.template changed/,
  )
})

test('an added keepalived patch: keepalived and what follows it, Kubernetes not', async () => {
  writeFileSync(project.path('patches/keepalived/9999-comment.patch'), 'A comment, and nothing to patch\n')
  const planned = await plan()
  assert.match(planned.get('keepalived-unpack') ?? '', /would-execute: .*patches\/keepalived\/9999-comment\.patch/)
  assert.equal(planned.has('kubernetes'), false)
  assert.equal(planned.has('image'), false)
})
