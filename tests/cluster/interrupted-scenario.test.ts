/** Whatever a scenario broke is whole again when it was interrupted. */
import assert from 'node:assert/strict'
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { leftBehind, machineState } from './support/machine-state.ts'
import { cacheDir, checkout, runCli, shown, startCli } from './support/run-cli.ts'

const workflow = `
include: [etcd-vm-reboot]
tasks:
  mine:
    uses: run-scenario
    needs: [start-etcd]
    cache: false
    resources: { cpu: 0 }
    with:
      cluster: etcd
      steps:
        - stop: 193
        - isolate: 194
        - stop-service: { vm: 195, service: etcd }
        - wait: 600
`

test('Ctrl-C during a scenario heals the cluster, which is kept', async () => {
  const project = mkdtempSync(join(tmpdir(), 'k8s-ha-interrupted-'))
  const earlier = machineState()
  const options = ['--project', project, '--cache-dir', cacheDir]
  try {
    for (const part of ['workflows', 'overlay', 'patches'])
      cpSync(join(checkout, part), join(project, part), { recursive: true })
    writeFileSync(join(project, 'workflows/mine.yaml'), workflow)
    const child = startCli(['flow', 'mine', '--keep', '--verbose', ...options])
    let text = ''
    const ended = new Promise<number | null>(resolve => child.on('close', resolve))
    for (const stream of [child.stdout, child.stderr])
      stream?.setEncoding('utf8').on('data', piece => {
        const isBroken = () => text.includes('stop-service vm-195')
        const wasBroken = isBroken()
        text += piece
        if (isBroken() && !wasBroken) child.kill('SIGINT')
      })
    assert.equal(await ended, 130, text)
    const status = await runCli(['cluster', 'status', '--cluster', 'etcd', ...options])
    assert.equal([...status.stdout.matchAll(/^vm-19[345] +running/gm)].length, 3, shown(status))
    const ask = ['exec', '--cluster', 'etcd', ...options, '193', '--', 'etcdctl', 'endpoint', 'health', '--cluster']
    let health = await runCli(['cluster', ...ask])
    for (let tries = 0; health.exitCode !== 0 && tries < 30; tries++) health = await runCli(['cluster', ...ask])
    assert.equal(health.exitCode, 0, shown(health))
  } finally {
    const down = await runCli(['cluster', 'down', '--all', ...options])
    rmSync(project, { recursive: true, force: true })
    assert.equal(down.exitCode, 0, shown(down))
  }
  assert.deepEqual(leftBehind(earlier, machineState()), [])
})
