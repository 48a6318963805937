/** What root in a VM made of namespaces cannot do to the machine, though he may mount what he likes; and what he can. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { findTool } from '../../src/cli/machine/host-tools.ts'
import type { Cluster, Vm } from '../../src/drivers/driver.ts'
import { netnsDriver } from '../../src/drivers/netns/netns-driver.ts'
import { specWith, unwrap } from '../cluster-data/sample.ts'
import { makeTinyRoot } from './tiny-root.ts'

const driver = netnsDriver()
const usable = await driver.preflight()
const missing = [...driver.hostTools, 'busybox'].filter(tool => findTool(tool) === undefined)
const skip = usable.ok
  ? missing.length > 0 && `this machine lacks ${missing.join(', ')}`
  : `${usable.failure.message}: ${usable.failure.last ?? ''}`

/** As linux/capability.h numbers them. */
const dropped = { dacReadSearch: 2, sysModule: 16, sysRawio: 17, sysBoot: 22, sysTime: 25, syslog: 34 } as const
/** Without these no container starts, and no node has a network. */
const needed = { dacOverride: 1, setuid: 7, netAdmin: 12, sysChroot: 18, sysAdmin: 21, mknod: 27 } as const

describe('a VM made of namespaces is held back', { skip }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'k8s-ha-held-'))
  const stateDir = join(folder, 'clusters/one')
  let cluster: Cluster
  let loop = ''

  before(async () => {
    makeTinyRoot(join(folder, 'root'), 'first')
    const whole = specWith({ k8sDisable: true, nvm: 0, masters: '', lbVms: '', nrouters: 0, etcdVms: '193' })
    const layers = [{ folder: join(folder, 'root'), mayChange: false }]
    cluster = unwrap(await driver.create({ name: 'one', spec: whole, layers, stateDir }, new AbortController().signal))
    writeFileSync(join(folder, 'disk'), 'disk of the machine\n')
    truncateSync(join(folder, 'disk'), 1024 * 1024)
    loop = execFileSync('losetup', ['--find', '--show', join(folder, 'disk')], { encoding: 'utf8' }).trim()
  })
  after(async () => {
    if (loop !== '') execFileSync('losetup', ['--detach', loop])
    await driver.remove(stateDir)
    rmSync(folder, { recursive: true, force: true })
  })

  const vm = (): Vm => cluster.vms[0] ?? assert.fail()
  /** What the script prints on the VM. */
  const root = async (script: string): Promise<string> => {
    const { stdout, stderr } = unwrap(await vm().exec(['busybox', 'sh', '-c', script], { timeoutMs: 10_000 }))
    return (stdout + stderr).trim()
  }
  const has = (text: string, bit: number): boolean => {
    const [, hex = '0'] = /CapBnd:\s*(\S+)/.exec(text) ?? []
    return ((BigInt(`0x${hex}`) >> BigInt(bit)) & 1n) === 1n
  }

  for (const [whose, process] of [
    ['the first process', '1'],
    ['a program that is run on it', 'self'],
  ] as const)
    test(`${whose} has no capability over the machine, and those that nodes need`, async () => {
      const status = await root(`busybox cat /proc/${process}/status`)
      for (const [name, bit] of Object.entries(dropped)) assert.equal(has(status, bit), false, name)
      for (const [name, bit] of Object.entries(needed)) assert.equal(has(status, bit), true, name)
    })

  test("a disk of the machine cannot be opened, wherever its node is made; a container's devices can", async () => {
    const { rdev } = statSync(loop)
    const node = `b ${rdev >> 8} ${rdev & 0xff}`
    const made = 'busybox mount -t tmpfs -o dev fresh /mnt && cd /mnt'
    assert.match(await root(`${made} && busybox mknod disk ${node} && busybox cat disk`), /not permitted/)
    assert.match(await root(`${made} && busybox mknod disk ${node} && echo x >disk`), /not permitted/)
    assert.match(await root(`busybox mknod /disk ${node} && busybox cat /disk`), /denied|not permitted/i)
    for (const [number, name] of [
      ['1 11', 'kmsg'],
      ['1 1', 'mem'],
      ['10 237', 'loop-control'],
      ['5 1', 'console'],
    ])
      assert.match(await root(`${made} && busybox mknod ${name} c ${number} && : <${name}`), /not permitted/, name)
    assert.equal(await root(`${made} && busybox mknod n c 1 3 && busybox mknod z c 1 5 && echo x >n && : <z`), '')
    assert.ok(readFileSync(join(folder, 'disk')).subarray(0, 4).toString() === 'disk')
  })

  test("settings of the machine are not written, however they are mounted; the VM's own are", async () => {
    const before = readFileSync('/proc/sys/vm/swappiness', 'utf8')
    for (const how of [
      'cd /proc/sys',
      'busybox mount -o remount,bind,rw /proc/sys/vm; cd /proc/sys',
      'busybox mount -o remount,rw /proc/sys/vm; cd /proc/sys',
    ]) {
      assert.match(await root(`${how}; echo 1 >vm/swappiness`), /read-only/i, how)
    }
    const fresh = 'busybox mount -t proc proc /mnt && cd /mnt/sys'
    assert.match(await root(`${fresh} && echo 1 >vm/swappiness`), /not permitted/)
    assert.match(
      await root(`${fresh} && busybox cat kernel/core_pattern >/run/c && busybox cat /run/c >kernel/core_pattern`),
      /not permitted/,
    )
    assert.equal(await root(`${fresh} && echo 1 >net/ipv4/ip_forward && busybox cat net/ipv4/ip_forward`), '1')
    assert.equal(await root(`${fresh} && echo 4096 >kernel/shmmni && busybox cat kernel/shmmni`), '4096')
    assert.equal(await root('echo 1 >/proc/sys/vm/panic_on_oom && busybox cat /proc/sys/vm/panic_on_oom'), '1')
    assert.equal(readFileSync('/proc/sys/vm/swappiness', 'utf8'), before)
  })

  test('the kernel’s log, modules’ parameters and the key that reboots are not open for writing', async () => {
    assert.equal(await root('busybox cat /dev/kmsg'), '')
    assert.match(await root(': >>/dev/kmsg'), /read-only/i)
    assert.match(await root('for file in /sys/module/*/parameters/*; do : >>"$file"; break; done'), /read-only/i)
    assert.match(await root('[ ! -e /proc/sysrq-trigger ] && echo read-only || : >>/proc/sysrq-trigger'), /read-only/i)
  })

  test('roots and volumes allow no devices, and what else belongs to the machine is mounted read-only', async () => {
    const mounts = (await root('busybox cat /proc/1/mounts')).split('\n').map(line => line.split(' '))
    const flags = (folder: string) => mounts.findLast(([, at]) => at === folder)?.[3]?.split(',') ?? []
    for (const folder of ['/', '/dev', '/var/log', '/var/lib/kubelet', '/var/lib/containerd'])
      assert.ok(flags(folder).includes('nodev'), folder)
    for (const folder of ['/sys', '/proc/irq', '/proc/fs', '/proc/sys/kernel'])
      assert.ok(flags(folder).includes('ro'), folder)
  })

  test('nothing that is open on the machine is open in the first process', async () => {
    const open = (await root('busybox ls -l /proc/1/fd')).split('\n').filter(line => line.includes('->'))
    const others = open.filter(line => !/-> (\/dev\/null|\/var\/log\/boot\.log|pipe:.*)$/.test(line))
    assert.deepEqual(others, [])
  })
})
