/** A suite is worth what it rejects: a cluster with a defect fails the matching test, and it says what it saw. */
import assert from 'node:assert/strict'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { leftBehind, machineState } from './support/machine-state.ts'
import { checkout, runCli, shown } from './support/run-cli.ts'

interface Defect {
  readonly name: string
  readonly file: string
  readonly edit: (text: string) => string
  readonly flow: string
  readonly seen: RegExp
}

const afterShebang = (line: string) => (text: string) => text.replace('\n', `\n${line}\n`)

const defects: readonly Defect[] = [
  {
    name: 'haproxy that lists one apiserver only',
    file: 'overlay/etc/init.d/30haproxy.rc',
    edit: afterShebang('sed -i "/^ *server vm-001 /d" "/etc/k8s-ha/$(uname -n)/haproxy.cfg"'),
    flow: 'master-reboot',
    seen: /Cannot confirm that the API answers 10 times in a row.*\n(.*\n)*? +last: +\d answers on vm-003, then: /,
  },
  {
    name: 'a load balancer without keepalived',
    file: 'overlay/etc/init.d/31keepalived.rc',
    edit: afterShebang('[ "$(uname -n)" != vm-192 ] || exit 0'),
    flow: 'lb-reboot',
    seen: /Cannot confirm that the API answers 10 times in a row.*\n(.*\n)*? +last: +\d answers on vm-003, then: /,
  },
  {
    name: 'an apiserver that knows one etcd member only',
    file: 'overlay/etc/init.d/40control-plane.rc',
    edit: afterShebang(
      '[ "$(uname -n)" != vm-001 ] || sed -i "s/^--etcd-servers=\\([^,]*\\),.*/--etcd-servers=\\1/" /etc/k8s-ha/vm-001/kube-apiserver.flags',
    ),
    flow: 'etcd-k8s-reboot',
    // Which of the two fails first is a matter of which apiserver the load balancers choose.
    seen: /Cannot confirm that (the API answers 10 times in a row|every running apiserver is ready).*\n(.*\n)*? +last: +(\d answers on vm-003, then: |.*vm-001 )/,
  },
]

for (const { name, file, edit, flow, seen } of defects)
  test(`${flow} fails with ${name}`, async () => {
    const project = mkdtempSync(join(tmpdir(), 'k8s-ha-broken-'))
    const before = machineState()
    try {
      for (const part of ['workflows', 'overlay', 'patches'])
        cpSync(join(checkout, part), join(project, part), { recursive: true })
      const text = readFileSync(join(project, file), 'utf8')
      const broken = edit(text)
      assert.notEqual(broken, text, `the edit of ${file} changed nothing`)
      writeFileSync(join(project, file), broken)
      const run = await runCli(['flow', flow, '--project', project, '--cache-dir', join(checkout, 'cache')])
      assert.equal(run.exitCode, 1, shown(run))
      assert.match(run.stdout + run.stderr, seen, shown(run))
      assert.deepEqual(leftBehind(before, machineState()), [])
    } finally {
      rmSync(project, { recursive: true, force: true })
    }
  })
