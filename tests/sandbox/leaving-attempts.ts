/** Single attempts to leave a sandbox, chosen at random, each a line of bash. If they succeeded, no harm would be done. */
import { lstatSync } from 'node:fs'
import { specialCalls } from '../../src/sandbox/system-calls.ts'

/** What they aim at: things of the test's own. */
export interface Target {
  readonly victim: string
  readonly socket: string
  readonly pid: number
  readonly loop?: { readonly device: string; readonly numbers: string; readonly image: string }
}

export type Random = (below: number) => number

export function randomFrom(start: number): Random {
  let value = start
  return below => {
    value = (Math.imul(value, 1664525) + 1013904223) >>> 0
    return Math.floor((value / 2 ** 32) * below)
  }
}

const pick = <T>(random: Random, items: readonly T[]): T => {
  const item = items[random(items.length)]
  if (item === undefined) throw new Error('There is nothing to pick from')
  return item
}

/** One line of bash that tries something; it may use what earlier ones left. */
export function attempt(random: Random, { victim, socket, pid, loop }: Target): string {
  const one = (...items: readonly string[]) => pick(random, items)
  const place = () =>
    one(
      '/project/out',
      '/project/tree',
      '/project/lib',
      '/project',
      '/tmp/x',
      '/dev/shm',
      '/root',
      '/',
      '/proc',
      '/dev',
    )
  const host = () =>
    one(
      victim,
      `${victim}/out`,
      `/proc/1/root${victim}`,
      `/proc/1/cwd/..${victim}`,
      `/proc/${pid}/root${victim}`,
      `../../../../../..${victim}`,
      `/.host${victim}`,
      `/oldroot${victim}`,
      `/proc/self/fd/${random(12)}${victim}`,
    )
  const call = (...argv: readonly (string | number)[]) => `perl -e 'syscall ${argv.join(', ')}'`
  const { unshare, clone, clone3, socket: socketCall } = specialCalls(process.arch)
  const linksAndFiles = [
    () => `rm -rf ${place()}/a; ln -sfn ${host()} ${place()}`,
    () => `ln ${host()}/file ${place()}/hard`,
    () => `mv ${host()}/out ${place()}/`,
    () => `echo x >${host()}/file`,
    () => `mkdir -p ${place()}/d && cd ${place()}/d && echo x >${host()}/file; cd /project`,
    () => `rm -rf out; ln -s ${victim}/out out`,
    () => `mkdir -p out; ln -sfn ${victim} out/a; mkdir -p tree; ln -sfn ${victim} tree/l; echo x >tree/l/new`,
    () => `chmod 4777 ${host()}/file; chown 1:1 ${host()}/file`,
    () => `mkfifo tree/pipe; mkdir -p tree; touch "tree/a\nb"; chmod 0 tree`,
  ]
  const mounts = [
    () => `mount -o remount,${one('rw', 'bind,rw', 'dev,suid,rw')} ${place()}`,
    () => `mount --${one('bind', 'rbind', 'move', 'make-shared')} ${place()} ${place()}`,
    () => `umount ${one('', '-l', '-f')} ${place()}`,
    () =>
      `mount -t ${one('proc', 'sysfs', 'tmpfs', 'devtmpfs', 'cgroup', 'cgroup2', 'overlay', 'debugfs', 'mqueue', 'bpf')} none ${place()}`,
    () => `pivot_root ${place()} ${place()}`,
    () =>
      `unshare --${one('user', 'mount', 'pid', 'net', 'ipc', 'uts', 'cgroup')} ${one('', '--map-root-user')} ${one('true', `touch ${victim}/new`)}`,
    () => `nsenter --target ${one('1', String(pid), '2')} --${one('mount', 'user', 'pid', 'net')} touch ${victim}/new`,
    () => call(unshare, 1 << (17 + random(14))),
    () => call(clone, `${1 << (17 + random(13))} | 17`, 0, 0, 0, 0),
    () => call(clone3, 0, 88),
    () => `chroot ${place()} /usr/bin/touch ${victim}/new`,
    () => `perl -e 'mkdir "/tmp/j"; chroot "/tmp/j"; chdir ".." for 1 .. 40; chroot "."; open F, ">${victim}/new"'`,
  ]
  const machine = [
    ...(loop ? [() => `mknod /tmp/disk b ${loop.numbers} && echo x >/tmp/disk`, () => `echo x >${loop.device}`] : []),
    () => `mknod ${place()}/null c 1 3 && chmod 666 ${place()}/null`,
    () => `chmod ${(lstatSync('/dev/null').mode & 0o777).toString(8)} /dev/null /proc/self/fd/0`,
    () => `s=$(cat /proc/sys/vm/swappiness) && echo "$s" >/proc/sys/vm/swappiness`,
    () => `: >>/proc/${one('sysrq-trigger', 'self/uid_map', '1/mem', '1/oom_score_adj', 'kcore', 'kmsg')}`,
    () => 'hostname "$(cat /proc/sys/kernel/hostname)"',
    () => 'dmesg | head -n 1',
  ]
  const processes = [
    () => `kill -${one('STOP', 'TERM', 'KILL')} ${one('1', String(pid))}; kill -0 ${pid}`,
    () => `renice -n 5 -p ${pid}`,
    () => `perl -e 'syscall ${process.arch === 'x64' ? 101 : 117}, 16, ${one('1', String(pid))}, 0, 0'`,
    () =>
      `cat /proc/${one('1', String(pid), 'self')}/${one('environ', 'mem', 'maps', 'fd/3', 'root/etc/shadow')} | head -c 10`,
    () => `setsid sleep 1000 & disown; (sleep 1000 &) `,
    () => `perl -e 'socket S, 1, 1, 0; connect S, pack("S a*", 1, "\\0${socket}")'`,
    () => `perl -e 'syscall ${socketCall}, ${random(46)}, ${1 + random(5)}, 0'`,
    () =>
      call(
        process.arch === 'x64' ? one('248', '249', '250') : one('217', '218', '219'),
        '$a = "user"',
        '$b = "k8s-ha-fuzz"',
        '$c = "x"',
        1,
        `-${1 + random(5)}`,
      ),
    () => call(one('425', '426', '427'), 8, '$p = "\\0" x 120', 0, 0, 0, 0),
    () => call(one('428', '429', '430', '431', '432', '433', '442', '467', '468'), -100, `$p = "${victim}"`, 1, 0, 0),
    () => call(100 + random(370), '0 + 3', '0 + 3', 0, 0, 0, 0),
  ]
  return pick(random, pick(random, [linksAndFiles, mounts, machine, processes]))()
}
