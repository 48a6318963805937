/** The program that keeps services running in a VM, tried in namespaces of its own. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { minimalEnv, runChecked } from '../../src/platform/processes/process.ts'
import { projectDir, unwrap } from './sample.ts'

/** What a shell script prints with `supervise` in its PATH and an empty /run and /var/log; nothing outlives it. */
async function inVm(script: string): Promise<string> {
  const prepare = `
    set -e
    for folder in /run /var/log; do mount -t tmpfs tmpfs $folder; done
    until_true() { for try in $(seq 100); do if eval "$1"; then return; fi; sleep 0.05; done; echo "never: $1"; exit 1; }
    pid_of() { cat /run/$1.pid 2>/dev/null; }
    `
  const argv = ['unshare', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc', 'bash', '-c', prepare + script]
  const env = minimalEnv()
  const path = `${projectDir}/overlay/usr/bin:${projectDir}/overlay/usr/lib/k8s-ha:${env.PATH}`
  return unwrap(await runChecked(argv, { env: { ...env, PATH: path }, timeoutMs: 60_000 })).stdout
}

test('a service that is killed starts again with a new pid, and its output is logged', async () => {
  const log = await inVm(`
    supervise web sh -c 'echo hello; exec sleep infinity'
    until_true '[ -n "$(pid_of web)" ]'
    first=$(pid_of web)
    kill -9 "$first"
    until_true '[ "$(pid_of web)" != "$first" ] && kill -0 "$(pid_of web)"'
    until_true '[ "$(grep -c hello /var/log/web.log)" = 2 ]'
    cat /var/log/web.log`)
  // dash says "Killed" as well, other shells do not.
  assert.match(
    log,
    /^hello\n(Killed\n)?supervise: web ended with exit code 137 at \S+Z, starts again in 200 ms\nhello\n$/,
  )
})

test('the pauses of a service that ends at once grow', async () => {
  const log = await inVm(`
    supervise broken sh -c 'exit 3'
    until_true '[ "$(grep -c "starts again" /var/log/broken.log)" = 4 ]'
    head -n 4 /var/log/broken.log`)
  assert.deepEqual(log.match(/\d+ ms/g), ['200 ms', '400 ms', '800 ms', '1600 ms'])
  assert.match(log, /exit code 3/)
})

test('a second supervisor of the same service leaves, others do not', async () => {
  const out = await inVm(`
    supervise one sleep infinity
    until_true '[ -n "$(pid_of one)" ]'
    supervise one sleep infinity
    supervise two sleep infinity
    until_true 'grep -q already /var/log/one.log && [ -n "$(pid_of two)" ]'
    pgrep -c -x sleep; cat /var/log/one.log`)
  assert.equal(out, '2\nsupervise: one has a supervisor already\n')
})

test('ending the supervisor ends the service, and lets another one begin', async () => {
  const out = await inVm(`
    supervise web sleep infinity
    until_true '[ -n "$(pid_of web)" ]'
    first=$(pid_of web)
    kill "$(pid_of web.supervisor)"
    until_true '[ ! -e /run/web.pid ]'
    kill -0 "$first" 2>/dev/null || echo gone
    supervise web sleep infinity
    until_true '[ -n "$(pid_of web)" ]'
    echo again`)
  assert.equal(out, 'gone\nagain\n')
})

test('a process that the service leaves behind does not keep another supervisor from starting', async () => {
  const out = await inVm(`
    supervise web sh -c 'sleep 1000 & exec sleep infinity'
    until_true '[ -n "$(pid_of web)" ] && pgrep -f "sleep 1000" >/dev/null'
    kill "$(pid_of web.supervisor)"
    until_true '[ ! -e /run/web.pid ]'
    supervise web sleep infinity
    until_true '[ -n "$(pid_of web)" ]'
    echo again`)
  assert.equal(out, 'again\n')
})

/** Ends in order after half a second, and says so. */
const slowToEnd = `sh -c 'trap "sleep 0.5; echo ended in order; exit 0" TERM; echo began; while :; do sleep 0.05; done'`

test('a restart waits until the service has ended in order, and runs again', async () => {
  const log = await inVm(`
    supervise web ${slowToEnd}
    until_true 'grep -q began /var/log/web.log'
    first=$(pid_of web)
    service restart web
    kill -0 "$first" 2>/dev/null && echo "still there"
    [ "$(pid_of web)" != "$first" ] && kill -0 "$(pid_of web)" && echo "another one"
    until_true '[ "$(grep -c began /var/log/web.log)" = 2 ]'
    grep -v supervise: /var/log/web.log`)
  assert.equal(log, 'another one\nbegan\nended in order\nbegan\n')
})

test('an orderly end waits for the service, and takes its supervisor along; of what does not run nothing is wanted', async () => {
  const log = await inVm(`
    supervise web ${slowToEnd}
    until_true 'grep -q began /var/log/web.log'
    first=$(pid_of web)
    service end web
    kill -0 "$first" 2>/dev/null && echo "still there"
    cd /run && ls web*
    service end web && service end another && echo nothing to end
    cat /var/log/web.log`)
  assert.equal(log, 'web.lock\nnothing to end\nbegan\nended in order\n')
})

test('a service that does not run cannot be restarted', async () => {
  assert.equal(
    await inVm('service restart web 2>&1 || echo "exit code $?"'),
    'service: web does not run here\nexit code 1\n',
  )
})

test('the version of each program is chosen on its own, and what runs says which it is', async () => {
  const out = await inVm(`
    versions path etcd
    versions to etcd 2>&1 || echo "exit code $?"
    versions running etcd 2>&1 || echo "exit code $?"
    versions from etcd
    versions path 2>/dev/null || echo "exit code $?"`)
  assert.deepEqual(out.split('\n').slice(0, 6), [
    'etcd',
    'versions: there is no other etcd on this VM',
    'exit code 1',
    'versions: etcd does not run here',
    'exit code 1',
    'exit code 2',
  ])
})

test('wrong use is told', async () => {
  assert.match(await inVm('supervise web 2>&1 || echo "exit code $?"'), /^usage: .*\nexit code 2\n$/)
})
