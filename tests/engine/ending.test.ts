/** How what a task started is ended: one SIGTERM, all of its grace time, and nothing is left, in its group or out of it. */
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { sleep } from '../../src/platform/clock.ts'
import { pauseGroups, resumeGroups } from '../../src/platform/processes/process-group.ts'
import { identify } from '../../src/platform/processes/process-identity.ts'
import { runOnPipes } from '../../src/platform/processes/run-on-pipes.ts'
import { TestProject } from './project.ts'

const stray = (file: string) =>
  `setsid bash -c 'echo $$ > ${file}.new; mv ${file}.new ${file}; exec sleep 300' < /dev/null > /dev/null 2>&1 &`
const waitFor = (file: string) => `until test -e ${file}; do sleep 0.01; done`

const isRunning = (project: TestProject, file: string): boolean => identify(Number(project.read(file))) !== undefined

for (const [kind, more] of [
  ['a plain script', ''],
  ['a script with variables', ', env: [HOME]'],
] as const) {
  test(`${kind}: what left its group ends after a time-out and after a failure`, async () => {
    using project = new TestProject()
    project.workflow(`
tasks:
  late: { timeout: 300ms, cache: false, run: "${stray('late')} ${waitFor('late')}; sleep 100"${more} }
  bad: { cache: false, run: "${stray('bad')} ${waitFor('bad')}; exit 3"${more} }
`)
    const ran = await project.run({ keepGoing: true })
    assert.deepEqual(ran.status, { late: 'failed', bad: 'failed' })
    assert.equal(isRunning(project, 'late'), false)
    assert.equal(isRunning(project, 'bad'), false)
  })

  test(`${kind}: an interrupted one gets one SIGTERM and the time to clean up`, async () => {
    using project = new TestProject()
    project.write(
      'server.sh',
      'trap "echo got >> log; if test -e once; then exit; fi; touch once; sleep 1.5; echo cleaned >> log; exit" TERM\ntouch ready; while :; do sleep 0.05; done\n',
    )
    project.workflow(`tasks: { a: { run: "bash server.sh", cache: false${more} } }`)
    const stop = new AbortController()
    const running = project.run({ signal: stop.signal })
    while (!existsSync(project.path('ready'))) await sleep(10)
    stop.abort()
    assert.equal((await running).summary.status, 'cancelled')
    assert.equal(readFileSync(project.path('log'), 'utf8'), 'got\ncleaned\n')
  })
}

test('what is paused takes nothing of its time', async () => {
  const stop = new AbortController()
  const options = { name: 'a sleep', timeoutMs: 400, signal: stop.signal, onBytes: () => {} }
  const started = runOnPipes(['sleep', '600'], options)
  // A pipe is made first.
  while (!children().some(command => command.startsWith('sleep'))) await sleep(5)
  pauseGroups()
  await sleep(500)
  resumeGroups()
  stop.abort()
  const ended = await started
  assert.equal(!ended.ok && ended.failure.kind, 'interrupted')
})

function children(): readonly string[] {
  const list = readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim()
  return list.split(' ').map(pid => readFileSync(`/proc/${pid}/cmdline`, 'utf8'))
}
