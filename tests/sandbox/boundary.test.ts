/** What a sandboxed command can do to the machine: nothing. Attempts set what is there already, or only open. */
import assert from 'node:assert/strict'
import {
  chmodSync,
  closeSync,
  existsSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import type { SandboxedCommand } from '../../src/sandbox/run-sandboxed.ts'
import { refusedCalls, specialCalls } from '../../src/sandbox/system-calls.ts'
import { kernelVersion, noSandbox, outputAs, runAs, type User, users } from './as-users.ts'
import { sandboxFixture } from './sandbox-fixture.ts'

/** Of a script that prints the number of each line that did what it should not be able to do. */
const attempts = (...lines: readonly string[]): string =>
  lines.map((line, index) => `if ( ${line} ) >/dev/null 2>&1; then echo ${index}: ${quote(line)}; fi`).join('\n')

const quote = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`

function forEachUser(name: string, run: (user: User, t: TestContext) => Promise<void>): void {
  for (const user of users) test(`${name} (${user})`, { skip: noSandbox(user) }, t => run(user, t))
}

forEachUser('a command has no capability that leads further, and gains none', async (user, t) => {
  const { command } = sandboxFixture(t)
  const { stdout } = await outputAs(user, command('id -u; grep -E "CapBnd|NoNewPrivs|Seccomp:" /proc/self/status'))
  const [uid, bounding, noNewPrivileges, filter] = stdout.split('\n').map(line => line.split('\t').at(-1))
  assert.deepEqual([uid, noNewPrivileges, filter], ['0', '1', '2'])
  // chown … setpcap, net_bind_service, sys_chroot, lease, audit_write
  assert.equal(BigInt(`0x${bounding}`) & ~0x300405ffn, 0n)
})

forEachUser('mounts can be neither made nor changed nor left', async (user, t) => {
  const { command, write, projectDir } = sandboxFixture(t)
  write('lib/a', 'clean')
  const project = { dir: projectDir, at: '/project', inputs: ['lib'], outputs: [] }
  const script = attempts(
    'mount -o remount,bind,rw lib',
    'echo poisoned >lib/a',
    'umount lib',
    'umount -l /project',
    'mount --bind /project/lib /mnt',
    ...['proc', 'sysfs', 'devtmpfs', 'tmpfs', 'mqueue', 'cgroup2', 'bpf'].map(type => `mount -t ${type} x /tmp`),
    'unshare --mount true',
    'unshare --user --map-root-user true',
    'nsenter --mount=/proc/1/ns/mnt true',
    'ls /proc/1/root/',
    'cat /proc/1/environ',
    'ls -l /proc/1/fd | grep -q -- "->"',
  )
  const { stdout } = await outputAs(user, command(script, { project }))
  assert.equal(stdout, '')
  assert.equal(readFileSync(join(projectDir, 'lib/a'), 'utf8'), 'clean')
})

forEachUser('devices and settings of the machine cannot be made, changed or opened for writing', async (user, t) => {
  const { command } = sandboxFixture(t)
  const devices = ['null', 'zero', 'full', 'random', 'urandom', 'tty']
  const modes = devices.map(name => lstatSync(`/dev/${name}`).mode & 0o777)
  const script = attempts(
    ...devices.map((name, index) => `chmod ${modes[index]?.toString(8)} /dev/${name}`),
    `chmod ${modes[0]?.toString(8)} /proc/self/fd/0`,
    'mknod /tmp/null c 1 3',
    'mknod /tmp/disk b 7 0',
    ': >>/proc/sys/kernel/core_pattern',
    ': >>/proc/sys/kernel/hostname',
    ': >>/proc/sys/vm/drop_caches',
    ': >>/proc/self/oom_score_adj',
    'head -c 1 /proc/kcore | grep -q .',
    'head -c 1 /proc/keys | grep -q .',
    'ls -A /proc/bus | grep -q .',
    'ls -A /sys | grep -q .',
    'dmesg',
    'hostname other',
  )
  assert.equal((await outputAs(user, command(script))).stdout, '')
})

forEachUser('a command has no descriptor but its three streams', async (user, t) => {
  const { command, dir } = sandboxFixture(t)
  const held = openSync(dir, 'r')
  t.after(() => closeSync(held))
  const { stdout } = await outputAs(user, command('cd /proc/self/fd; echo *; ls 3/ 2>&1 || true'), held)
  assert.match(stdout, /^0 1 2( 3)?\n/) // bash has one for the folder that it reads.
  assert.match(stdout, /No such file|Not a directory/)
})

forEachUser('the environment is in no file, and other users see nothing of a sandbox', async (user, t) => {
  const { command, dir, cacheDir } = sandboxFixture(t)
  const shown = join(dir, 'project', 'shown')
  mkdirSync(shown)
  const mounts = [...(command('').mounts ?? []), { from: cacheDir, to: '/cache', writable: false }]
  const script = `
    stat -c %a /cache/scratch/*/*
    if grep -rqs "$TOKEN" /cache/scratch; then echo found; fi
    cat /proc/self/environ | tr '\\0' '\\n' | grep TOKEN`
  const env = { ...command('').env, TOKEN: 'hunter2', LD_PRELOAD: '', PERL5OPT: '-Mnonexistent' }
  const { stdout } = await outputAs(user, command(script, { mounts, env }))
  assert.equal(stdout, '700\nTOKEN=hunter2\n')
})

forEachUser("nothing of a root is run or followed before the host's root is gone", async (user, t) => {
  for (const link of ['project', 'dev', 'proc', 'tmp', 'root', 'made', 'etc']) {
    const { command, dir, rootDir } = sandboxFixture(t)
    const victim = join(dir, 'victim')
    mkdirSync(victim)
    chmodSync(victim, 0o777)
    rmSync(join(rootDir, link), { recursive: true, force: true })
    symlinkSync(victim, join(rootDir, link))
    const mounts = [...(command('').mounts ?? []), { from: '/etc/hostname', to: `/${link}/sub/file`, writable: false }]
    await runAs(user, command('true', { mounts }))
    assert.deepEqual(readdirSync(victim), [], link)
  }
})

forEachUser('programs of a root that stand in for those of the host see the sandbox only', async (user, t) => {
  const { command, dir, rootDir } = sandboxFixture(t)
  const victim = join(dir, 'victim')
  writeFileSync(victim, 'clean')
  chmodSync(victim, 0o666)
  for (const folder of ['usr/bin', 'usr/sbin']) {
    mkdirSync(join(rootDir, folder), { recursive: true })
    for (const name of ['chroot', 'umount', 'mount', 'mkdir', 'rmdir', 'env', 'hostname', 'perl', 'sh', 'cat'])
      writeFileSync(join(rootDir, folder, name), `#!/bin/bash\necho x >${victim}; echo x >/.host${victim}\n`, {
        mode: 0o755,
      })
  }
  const mounts = ['/usr/bin/bash', '/usr/lib', '/usr/lib64'].map(path => ({ from: path, to: path, writable: false }))
  const shown = mounts.filter(({ from }) => existsSync(from))
  const result = await runAs(user, command('echo through', { mounts: shown }))
  assert.ok(result.ok && result.value.stdout === 'through\n', JSON.stringify(result))
  assert.equal(readFileSync(victim, 'utf8'), 'clean')
})

forEachUser('system calls that no build needs are refused', async (user, t) => {
  const { command } = sandboxFixture(t)
  const { clone3, socket, unshare } = specialCalls(process.arch)
  // One that only adds a key to a keyring that does not exist, and the like: no argument means anything.
  const script = `
    use strict; my ($vsock, $alg, $packet) = (40, 38, 17);
    for my $call (${refusedCalls(process.arch).join(', ')}) { syscall $call, -1, -1, -1, -1, -1; print "$call: $!\\n" if $! + 0 != 1 }
    for my $family ($vsock, $alg, $packet) { syscall ${socket}, $family, 2, 0; print "family $family: $!\\n" if $! + 0 != 97 }
    for my $flag (map { 1 << $_ } 7, 17, 25 .. 30) { syscall ${unshare}, $flag; print "unshare $flag: $!\\n" if $! + 0 != 1 }
    syscall ${clone3}, 0, 0; print "clone3: $!\\n" if $! + 0 != 38;
    syscall 5000; print "unknown: $!\\n" if $! + 0 != 38;`
  const argv = ['perl', '-e', script]
  const { stdout, stderr, exitCode } = await outputAs(user, { ...command(''), argv })
  assert.deepEqual([stdout, stderr, exitCode], ['', '', 0])
})

forEachUser('an abstract socket of the machine cannot be reached', async (user, t) => {
  const { command } = sandboxFixture(t)
  const name = `k8s-ha-boundary-${process.pid}-${user.length}`
  const server = createServer(socket => socket.end()).listen(`\0${name}`)
  t.after(() => server.close())
  const script = `socket my $s, 1, 1, 0 or die; print connect($s, pack("S a*", 1, "\\0${name}")) ? "reached" : "refused"`
  const ask = async (more: Partial<SandboxedCommand>) =>
    (await outputAs(user, { ...command('', more), argv: ['perl', '-e', script] })).stdout
  assert.equal(await ask({ network: false }), 'refused')
  // Landlock keeps them away since Linux 6.12.
  if (kernelVersion() >= 6012) assert.equal(await ask({ network: true }), 'refused')
})

forEachUser('folders that a command closes are no obstacle, and are removed', async (user, t) => {
  const { command, projectDir, cacheDir } = sandboxFixture(t)
  const project = { dir: projectDir, at: '/project', inputs: [], outputs: ['out/o'] }
  const script = `echo 1 >out/o; mkdir -p stray/deep /tmp/closed/deep; chmod 0 stray/deep stray /tmp/closed
    mkdir half; echo >half/a; chmod 444 half`
  const { undeclaredWrites } = await outputAs(user, command(script, { project }))
  assert.deepEqual(undeclaredWrites, ['half/a', user === 'root' ? 'stray/deep/' : 'stray/'])
  assert.equal(readFileSync(join(projectDir, 'out/o'), 'utf8'), '1\n')
  assert.deepEqual(readdirSync(join(cacheDir, 'scratch')), [])
})

test('root in a sandbox gives files to any user, as installing packages does', {
  skip: users[0] !== 'root',
}, async t => {
  const { command, projectDir } = sandboxFixture(t)
  const project = { dir: projectDir, at: '/project', inputs: [], outputs: ['o', 'p'] }
  const script = 'echo >o; chown 42:43 o; setpriv --reuid=100 --regid=101 --clear-groups touch /tmp/p; cp -a /tmp/p p'
  const { exitCode, stderr } = await outputAs('root', command(script, { project }))
  assert.equal(exitCode, 0, stderr)
  const owners = ['o', 'p'].map(path => lstatSync(join(projectDir, path))).map(({ uid, gid }) => [uid, gid])
  assert.deepEqual(owners, [
    [42, 43],
    [100, 101],
  ])
})
