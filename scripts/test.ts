/** Checks types and style, then runs the tests: those of real clusters last and one after the other. */
import { spawn } from 'node:child_process'
import { globSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'
import { findTool, missingPackages } from '../src/cli/machine/host-tools.ts'
import { installPackages } from '../src/cli/machine/install-packages.ts'

const root = join(import.meta.dirname, '..')
const selected = process.argv.slice(2)
const bin = join(root, 'node_modules/.bin')
/** The lines of node:test's summary. */
const total = /^(tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) ([\d.]+)$/

await installTools()
/** With arguments (`npm test -- tests/engine`) only these tests run, without the checks. */
if (selected.length === 0) await checkSources()
const failed = await runTests()
process.exit(failed ? 1 : 0)

/** The programs of this machine that tests start; flows see to theirs themselves. */
async function installTools(): Promise<void> {
  const browser = testFiles().some(file => file.includes('browser')) ? ['chromium'] : []
  // Debian's Redis server is a program of this package; the package redis-server would start one that stays.
  const redis = testFiles().some(file => file.startsWith('tests/remote/')) && !findTool('redis-check-rdb')
  const tools = ['ip', 'losetup', 'mkfs.ext4', 'openssl', 'patch', 'xz', 'zstd', ...browser]
  const missing = [...missingPackages(tools), ...(redis ? ['redis-tools'] : [])]
  if (missing.length === 0) return
  const installed = await installPackages(missing, {
    allowed: true,
    environment: process.env,
    signal: new AbortController().signal,
    say: text => process.stdout.write(`${text}\n`),
  })
  if (installed.ok) return
  const { message, last, try: mend } = installed.failure
  process.stderr.write(`error: ${[message, last, mend].filter(Boolean).join('\n  ')}\n`)
  process.exit(3)
}

async function checkSources(): Promise<void> {
  const checks = [
    ['tsc', '--noEmit'],
    [
      'biome',
      'check',
      '--error-on-warnings',
      'src',
      'tasks',
      'tests',
      'bench',
      'scripts',
      'package.json',
      'tsconfig.json',
      'biome.json',
    ],
  ]
  const outcomes = await Promise.all(checks.map(check))
  for (const { argv, output, exitCode } of outcomes) {
    process.stdout.write(`${exitCode === 0 ? '✔' : '✖'} ${argv.join(' ')}\n`)
    if (exitCode !== 0) process.stdout.write(output)
  }
  if (outcomes.some(({ exitCode }) => exitCode !== 0)) process.exit(1)
}

function check(argv: readonly string[]) {
  const [program = '', ...args] = argv
  // Both are programs for Node.js: run them on the one that is installed here.
  const child = spawn(process.execPath, [join(bin, program), ...args], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
  const output: string[] = []
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', text => output.push(text))
  return new Promise<{ argv: readonly string[]; output: string; exitCode: number }>(resolve =>
    child.on('close', code => resolve({ argv, output: output.join(''), exitCode: code ?? 1 })),
  )
}

function testFiles(): readonly string[] {
  const all = globSync('tests/**/*.test.ts', { cwd: root }).sort()
  const wanted = all.filter(file => selected.length === 0 || selected.some(name => file.startsWith(name)))
  if (wanted.length > 0) return wanted
  process.stderr.write(`No tests match ${selected.join(' ') || 'tests/**/*.test.ts'}\n`)
  process.exit(1)
}

async function runTests(): Promise<boolean> {
  const files = testFiles()
  const isCluster = (file: string) => file.startsWith('tests/cluster/')
  const totals = new Map<string, number>()
  const events = Readable.from(allEvents([files.filter(file => !isCluster(file)), files.filter(isCluster)], totals))
  const text = events.compose(new spec())
  for await (const chunk of text) process.stdout.write(chunk)
  return (totals.get('fail') ?? 0) + (totals.get('cancelled') ?? 0) > 0 || (totals.get('pass') ?? 0) === 0
}

/** The events of both batches as of one run, with one summary: the sums. */
async function* allEvents([parallel = [], serial = []]: readonly (readonly string[])[], totals: Map<string, number>) {
  const batches = [
    { files: parallel, concurrency: true },
    { files: serial, concurrency: 1 },
  ]
  for (const { files, concurrency } of batches) {
    if (files.length === 0) continue
    for await (const event of run({ cwd: root, files: files.map(file => join(root, file)), concurrency })) {
      const [, name, value] = event.type === 'test:diagnostic' ? (total.exec(event.data.message) ?? []) : []
      if (name === undefined) yield event
      else totals.set(name, (totals.get(name) ?? 0) + Number(value))
    }
  }
  for (const [name, value] of totals)
    yield { type: 'test:diagnostic', data: { nesting: 0, message: `${name} ${value}`, level: 'info' } }
}
