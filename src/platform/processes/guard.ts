/**
 * Ends what this process started when this process is gone, however it was killed: a small process that reads a pipe.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { identify, type ProcessIdentity } from './process-identity.ts'

/**
 * Reads "+ <group>" and "- <group>"; at the end of its input it ends the groups that are left, and every process whose
 * TMPDIR starts with $1: that finds also what left its group, and what was started in the last moment. Then it removes
 * the link $2 and its folder $3, if they are given.
 */
const script = `
groups=
while read -r op id; do
  case $op in
    +) groups="$groups $id" ;;
    -) rest=; for g in $groups; do [ "$g" = "$id" ] || rest="$rest $g"; done; groups=$rest ;;
    .) exit 0 ;;
  esac
done
tagged() { grep -lszF "TMPDIR=$1" /proc/[0-9]*/environ | while IFS=/ read -r _ _ pid _; do echo "$pid"; done; }
send() { for g in $groups; do kill -"$1" "-$g" 2>/dev/null && left=1; done; for p in $(tagged "$2"); do kill -"$1" "$p" 2>/dev/null && left=1; done; }
left=; send TERM "$1"
for i in 1 2 3 4 5 6 7 8 9 10; do sleep 0.05; left=; send 0 "$1"; [ -n "$left" ] || break; done
left=; send KILL "$1"; sleep 0.1; send KILL "$1"
[ -z "$2" ] || { rm -f "$2"; rmdir "$3"; } 2>/dev/null
`

export interface Guard {
  readonly identity: ProcessIdentity | undefined
  add(group: number): void
  remove(group: number): void
  /** The end was in order: nothing is killed. */
  dismiss(): void
}

/**
 * `temporaryPrefix`: the start of the TMPDIR that all tasks' processes have. `short`: a link and its folder, which go
 * with this process, too.
 */
export function startGuard(temporaryPrefix: string, short?: { readonly link: string; readonly dir: string }): Guard {
  const paths = [temporaryPrefix, short?.link ?? '', short?.dir ?? '']
  const child = spawn('/bin/sh', ['-c', script, 'k8s-ha-guard', ...paths], {
    cwd: '/',
    detached: true,
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  child.on('error', () => {})
  child.stdin?.on('error', () => {})
  child.unref()
  unreference(child)
  const say = (lines: string) => void child.stdin?.write(lines)
  // That a group has ended can wait until there is more to say: each line wakes the guard.
  let ended = ''
  return {
    identity: child.pid === undefined ? undefined : identify(child.pid),
    add: group => {
      say(`${ended}+ ${group}\n`)
      ended = ''
    },
    remove: group => {
      ended += `- ${group}\n`
    },
    dismiss: () => void child.stdin?.end('.\n'),
  }
}

/** The pipe alone must not keep this process running. */
function unreference(child: ChildProcess): void {
  const { stdin } = child
  if (stdin && 'unref' in stdin && typeof stdin.unref === 'function') stdin.unref()
}
