/** Runs programs as members of a control group, in the namespaces of another process. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../../platform/package-root.ts'
import { type ProcessOptions, runProcess } from '../../platform/processes/process.ts'
import type { Result } from '../../platform/result.ts'
import type { ExecOptions, Output } from '../driver.ts'

/** Joins the groups first, so that what follows is frozen, counted and killed with them. */
const joinGroups =
  'n=$1; shift; while [ "$n" -gt 0 ]; do echo 0 >"$1/cgroup.procs" || exit 125; shift; n=$((n-1)); done; exec "$@"'

export const inCgroup = (folders: readonly string[], argv: readonly string[]): readonly string[] => [
  'sh',
  '-c',
  joinGroups,
  'sh',
  String(folders.length),
  ...folders,
  ...argv,
]

/** As the first process of a VM is, see init.sh. */
export const heldBack = (argv: readonly string[]): readonly string[] => [
  'setpriv',
  `--bounding-set=${readFileSync(join(packageRoot, 'src/drivers/netns/held-back/dropped-capabilities'), 'utf8').trim()}`,
  '--',
  ...argv,
]

export const inNetworkOf = (pid: number, argv: readonly string[]): readonly string[] => [
  'nsenter',
  `--net=/proc/${pid}/ns/net`,
  '--',
  ...argv,
]

export const inAllNamespacesOf = (pid: number, argv: readonly string[]): readonly string[] => [
  'nsenter',
  '--all',
  '--target',
  String(pid),
  '--',
  ...argv,
]

/** In memory, for as long as the program has it open: its descriptor is all that is left of the file. */
const takeSecret = [
  'umask 077',
  'file=$(mktemp /dev/shm/secret.XXXXXX)',
  // No byte more than the secret: the rest is for the program.
  'dd bs="$1" count=1 iflag=fullblock of="$file" 2>/dev/null',
  'exec 3<"$file"',
  'rm -f "$file"',
  'shift',
  'exec "$@"',
].join(' && ')

/** The program with the secret of its options, which comes before its input. */
export function withSecret(
  argv: readonly string[],
  { secret, ...options }: ExecOptions,
): readonly [argv: readonly string[], options: ExecOptions] {
  if (secret === undefined || secret === '') return [argv, options]
  const input = secret + (options.input ?? '')
  return [['sh', '-c', takeSecret, 'sh', String(Buffer.byteLength(secret)), ...argv], { ...options, input }]
}

/** Ended at once when its time is over; what is passed on as it comes is not collected as well. */
export const runGuest = (
  argv: readonly string[],
  { onOutput, ...options }: ExecOptions,
  more: Pick<ProcessOptions, 'env' | 'name'>,
): Promise<Result<Output>> =>
  runProcess(argv, { graceMs: 0, ...more, ...options, ...(onOutput ? { onOutput, collect: false } : {}) })
