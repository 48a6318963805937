/** The least root that a VM can boot from: busybox, bash, and the VM's address on the cluster's network. */
import { execFileSync } from 'node:child_process'
import { chmodSync, copyFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

const applets = [
  'sh',
  'ls',
  'grep',
  'sort',
  'sleep',
  'mount',
  'umount',
  'env',
  'hostname',
  'sed',
  'ip',
  'mkdir',
  'rm',
  'mktemp',
  'dd',
]

const addressScript = `#!/bin/sh
id=$(hostname | sed 's/^vm-0*//')
for one in lo eth0 eth1; do ip link set "$one" up; done
ip address add "192.168.1.$id/24" dev eth1
`

/** Needs the program busybox, linked statically; `edition` is what /etc/edition holds. */
export function makeTinyRoot(folder: string, edition: string): void {
  for (const name of ['bin', 'etc/init.d', 'root', 'var/log', 'var/lib/etcd'])
    mkdirSync(join(folder, name), { recursive: true })
  copyFileSync(pathOf('busybox'), join(folder, 'bin/busybox'))
  for (const applet of applets) symlinkSync('busybox', join(folder, 'bin', applet))
  copyFileSync(pathOf('bash'), join(folder, 'bin/bash'))
  for (const library of librariesOf(pathOf('bash'))) {
    mkdirSync(join(folder, dirname(library)), { recursive: true })
    copyFileSync(library, join(folder, library))
  }
  writeFileSync(join(folder, 'etc/init.d/10address.rc'), addressScript)
  chmodSync(join(folder, 'etc/init.d/10address.rc'), 0o755)
  writeFileSync(join(folder, 'etc/edition'), `${edition}\n`)
}

const pathOf = (program: string): string =>
  execFileSync('sh', ['-c', 'command -v "$1"', 'sh', program], { encoding: 'utf8' }).trim()

/** "libc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x…)", "/lib64/ld-linux-x86-64.so.2 (0x…)" */
const librariesOf = (program: string): readonly string[] =>
  [...execFileSync('ldd', [program], { encoding: 'utf8' }).matchAll(/(\/\S+) \(0x/g)].map(([, path]) => path ?? '')
