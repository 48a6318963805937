/** Makes an archive of a Debian root with given packages by mmdebstrap; the same packages give the same bytes. */
import { createWriteStream } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { TaskContext } from '../../src/engine/workflow/task-type.ts'
import { environment, failed } from '../../src/platform/failure.ts'
import { runChecked, runProcess } from '../../src/platform/processes/process.ts'
import { fail, ok, type Result } from '../../src/platform/result.ts'
import { contained } from '../../src/sandbox/contained.ts'
import { move } from '../../src/sandbox/move.ts'
import { createScratch } from '../../src/sandbox/scratch.ts'
import { aptRepositories } from '../sources/apt-repositories.ts'
import { hostEnv } from '../sources/host-env.ts'
import { debootstrapSources, splitSuite } from './debootstrap-sources.ts'

export interface Root {
  /** "trixie", or "trixie-backports" for packages that only backports have. */
  readonly suite: string
  readonly packages: readonly string[]
}

type Context = Pick<TaskContext<unknown>, 'cacheDir' | 'logDir' | 'signal' | 'progress'>

/** The time that files get which are made while the root is; newer ones are set to it (2023-11-14T22:13:20Z). */
const epoch = '1700000000'

const leftOut = ['doc', 'man', 'info', 'locale', 'lintian', 'bug'].map(folder => `path-exclude=/usr/share/${folder}/*`)

/** What of the machine and the mirror would get into the root, and what differs from run to run. */
const forget = `
rm -rf "$1"/etc/apt/sources.list "$1"/etc/apt/sources.list.d/* "$1"/etc/apt/apt.conf.d/99mmdebstrap
rm -rf "$1"/var/log/* "$1"/var/cache/ldconfig/* "$1"/var/cache/debconf/*-old "$1"/var/lib/dpkg/*-old
: >"$1"/etc/resolv.conf
echo root >"$1"/etc/hostname
`

/** `output`: the archive to make. Resolves to a note for the summary. */
export async function bootstrapRoot(root: Root, output: string, context: Context): Promise<Result<string>> {
  const scratch = await createScratch(context.cacheDir)
  try {
    const options = await describe(root, scratch.dir, context.signal)
    if (!options.ok) return options
    const made = await bootstrap(context, { options: options.value, dir: scratch.dir, output })
    return made.ok ? ok(`${root.suite}, ${root.packages.length} packages asked for`) : made
  } finally {
    await scratch.remove()
  }
}

/** The arguments of mmdebstrap but for the archive. */
async function describe(
  { suite, packages }: Root,
  dir: string,
  signal: AbortSignal,
): Promise<Result<readonly string[]>> {
  const repositories = await aptRepositories(signal)
  if (!repositories.ok) return repositories
  const sources = debootstrapSources(suite, repositories.value)
  if (sources.length === 0)
    return fail(
      environment('Cannot make a root: apt of this machine knows no mirror of Debian', { try: 'apt-get update' }),
    )
  await writeFile(join(dir, 'sources.list'), `${sources.join('\n')}\n`)
  const aptOptions = await aptConfiguration(signal)
  if (!aptOptions.ok) return aptOptions
  // A file, because a proxy's address may hold a password.
  await writeFile(join(dir, 'apt.conf'), aptOptions.value, { mode: 0o600 })
  await writeFile(join(dir, 'forget.sh'), `#!/bin/sh\nset -eu\n${forget}`, { mode: 0o755 })
  return ok([
    ...['--mode=root', '--variant=apt', '--format=tar', `--include=${packages.join(',')}`],
    `--aptopt=${join(dir, 'apt.conf')}`,
    ...leftOut.map(path => `--dpkgopt=${path}`),
    `--customize-hook=${join(dir, 'forget.sh')}`,
    splitSuite(suite).release,
    join(dir, 'root.tar'),
    join(dir, 'sources.list'),
  ])
}

/** How this machine's apt reaches its mirrors, and that nothing is installed which was not asked for. */
async function aptConfiguration(signal: AbortSignal): Promise<Result<string>> {
  const dump = await runChecked(['apt-config', 'dump'], { signal })
  if (!dump.ok) return dump
  const kept = dump.value.stdout
    .split('\n')
    .filter(line =>
      /^Acquire::(https?|ftp|tor|Retries|Check-Valid-Until|Check-Date|ForceIPv[46])\b.*"[^"]+";$/i.test(line),
    )
  const own = ['APT::Install-Recommends "false";', 'Dir::Etc::netrc "/etc/apt/auth.conf";']
  return ok(`${[...own, 'Dir::Etc::netrcparts "/etc/apt/auth.conf.d";', ...kept].join('\n')}\n`)
}

const stages = [
  'running apt-get update',
  'downloading packages',
  'extracting archives',
  'installing essential packages',
  'installing remaining packages',
  'cleaning package lists',
  'creating tarball',
  'compressing',
]

interface Job {
  readonly options: readonly string[]
  readonly dir: string
  readonly output: string
}

async function bootstrap(context: Context, { options, dir, output }: Job): Promise<Result<void>> {
  const logFile = join(context.logDir, 'mmdebstrap.log')
  const log = createWriteStream(logFile)
  const enter = (stage: string) => context.progress(`step ${stages.indexOf(stage) + 1} of ${stages.length} · ${stage}`)
  const made = await runProcess(contained(['mmdebstrap', ...options]), {
    name: 'mmdebstrap',
    env: { ...hostEnv(), SOURCE_DATE_EPOCH: epoch, TMPDIR: dir },
    signal: context.signal,
    onOutput(text) {
      log.write(text)
      const stage = stages.findLast(known => text.includes(`I: ${known}`))
      if (stage !== undefined) enter(stage)
    },
  })
  await new Promise(resolve => log.end(resolve))
  if (!made.ok) return fail({ ...made.failure, log: logFile })
  if (made.value.exitCode !== 0) {
    const seen = made.value.stderr.split('\n').filter(line => /^(E|W|Err)[: ]/.test(line))
    return fail(failed('Cannot make a root: mmdebstrap failed', { last: seen.slice(-8).join('\n'), log: logFile }))
  }
  enter('compressing')
  // Threads change nothing in the result as long as there is at least one besides the reader.
  const zstd = ['zstd', '--quiet', '--threads=0', '-3', join(dir, 'root.tar'), '-o', join(dir, 'root.tar.zst')]
  const compressed = await runChecked(contained(zstd), { signal: context.signal, name: 'zstd' })
  if (!compressed.ok) return compressed
  return move(join(dir, 'root.tar.zst'), output)
}
