/** Root in a VM decides what its logs are; none of it reaches this machine's files, or keeps a reader. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { VmLogs } from '../../src/drivers/netns/vm-logs.ts'

function vmWithLogs(context: TestContext) {
  const stateDir = mkdtempSync(join(tmpdir(), 'k8s-ha-logs-'))
  context.after(() => rmSync(stateDir, { recursive: true, force: true }))
  const logs = new VmLogs(stateDir, 'vm-193')
  mkdirSync(join(logs.folder, 'pods'), { recursive: true })
  mkdirSync(join(stateDir, 'machine'))
  writeFileSync(join(stateDir, 'machine/secret'), 'secret of the machine\n')
  writeFileSync(join(logs.folder, 'etcd.log'), 'etcd\n')
  writeFileSync(join(logs.folder, 'pods/one.log'), 'pod\n')
  symlinkSync(join(stateDir, 'machine/secret'), join(logs.folder, 'link.log'))
  symlinkSync(join(stateDir, 'machine'), join(logs.folder, 'folder'))
  execFileSync('mkfifo', [join(logs.folder, 'pipe.log')])
  mkdirSync(join(logs.folder, 'directory.log'))
  return { stateDir, logs }
}

test('what is no regular file is read as an empty log, without waiting', async context => {
  const { logs } = vmWithLogs(context)
  assert.deepEqual(await logs.names(), ['directory', 'etcd', 'link', 'pipe'])
  for (const name of ['link', 'pipe', 'directory', 'none']) assert.equal(await logs.read(name), '', name)
  assert.equal(await logs.read('etcd'), 'etcd\n')
  assert.equal(await logs.read('etcd', 2), 'd\n')
})

test('a copy has regular files and folders, and nothing that leads elsewhere', async context => {
  const { stateDir, logs } = vmWithLogs(context)
  const to = join(stateDir, 'copy')
  assert.equal(await logs.copyTo(to), true)
  assert.deepEqual(readdirSync(to, { recursive: true }).sort(), ['directory.log', 'etcd.log', 'pods', 'pods/one.log'])
  assert.equal(readFileSync(join(to, 'pods/one.log'), 'utf8'), 'pod\n')
})

test('the folder of the logs may be a link itself: then there is nothing to copy', async context => {
  const { stateDir, logs } = vmWithLogs(context)
  rmSync(logs.folder, { recursive: true })
  symlinkSync(join(stateDir, 'machine'), logs.folder)
  await logs.copyTo(join(stateDir, 'copy'))
  assert.equal(existsSync(join(stateDir, 'copy')), false)
})

test('a followed log goes on with what takes its place, but not with a link or a pipe', async context => {
  const { stateDir, logs } = vmWithLogs(context)
  const enough = new AbortController()
  const file = join(logs.folder, 'etcd.log')
  const steps = [
    () => {
      rmSync(file)
      symlinkSync(join(stateDir, 'machine/secret'), file)
      setImmediate(() => {
        rmSync(file)
        execFileSync('mkfifo', [file])
        setImmediate(() => {
          rmSync(file)
          writeFileSync(file, 'new\n')
        })
      })
    },
    () => enough.abort(),
  ]
  let text = ''
  await logs.follow(
    'etcd',
    piece => {
      text += piece
      steps.shift()?.()
    },
    enough.signal,
  )
  assert.equal(text, 'etcd\nnew\n')
})
