/** `npm test`: types and style, the tests without a cluster, builds, the tests of real clusters; then where the time went. */
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { spec, type TestEvent } from 'node:test/reporters'
import { parseArgs } from 'node:util'
import { checkSources } from './testing/check-sources.ts'
import { installTools } from './testing/install-tools.ts'
import { findLevels } from './testing/levels.ts'
import { makeBuilds, say } from './testing/make-builds.ts'
import { runFiles, summary, type Totals } from './testing/run-files.ts'
import { type LevelTime, whereTimeWent } from './testing/where-time-went.ts'

const usage = `usage: npm test [-- [--quick] [path…]]
  --quick  only what needs no cluster
  path     only the test files whose path starts so, for example tests/engine; without the checks of types and style
`

const root = join(import.meta.dirname, '..')
const wanted = readArguments()
const levels = findLevels(root, wanted)
const files = [...levels.quick, ...levels.clusters]
const times: LevelTime[] = []
const totals: Totals = new Map()

// Every test file is a process that loads much the same modules: compiled once, they start in half the time.
process.env.NODE_COMPILE_CACHE ??= join(root, 'dist/compile-cache')

if (files.length === 0) exit(1, `No tests match ${wanted.selected.join(' ') || 'tests/**/*.test.ts'}\n`)
if (!(await installTools(files))) exit(3)
if (wanted.selected.length === 0 && !(await checkSourcesInTime())) exit(1)
for await (const chunk of Readable.from(runAll()).compose(new spec())) process.stdout.write(chunk)
process.exit(hasFailed() ? 1 : 0)

function readArguments() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: { quick: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } },
    })
    return values.help ? exit(0, usage) : { quick: values.quick, selected: positionals }
  } catch (error) {
    return exit(2, `error: ${error instanceof Error ? error.message : String(error)}\n${usage}`)
  }
}

function exit(code: number, text = ''): never {
  ;(code === 0 ? process.stdout : process.stderr).write(text)
  process.exit(code)
}

async function checkSourcesInTime(): Promise<boolean> {
  const from = performance.now()
  const passed = await checkSources(root)
  times.push({ name: 'types and style', tookMs: performance.now() - from, files: new Map(), atATime: 1 })
  return passed
}

async function* runAll(): AsyncGenerator<TestEvent> {
  yield* runLevel('without a cluster', levels.quick, availableParallelism())
  if (levels.clusters.length > 0) yield* runClusters()
  yield say(whereTimeWent(times))
  yield* summary(totals)
}

async function* runClusters(): AsyncGenerator<TestEvent> {
  // Who names files knows what they need, which may be little.
  if (wanted.selected.length === 0) {
    const from = performance.now()
    const made = yield* makeBuilds(root)
    times.push({ name: 'builds', tookMs: performance.now() - from, files: new Map(), atATime: 1 })
    if (!made) {
      totals.set('fail', (totals.get('fail') ?? 0) + 1)
      yield say('✖ The builds failed, see above: no test of real clusters was run\n')
      return
    }
  }
  yield* runLevel('real clusters', levels.clusters, 1)
}

async function* runLevel(name: string, files: readonly string[], atATime: number): AsyncGenerator<TestEvent> {
  if (files.length === 0) return
  const from = performance.now()
  const tookMs = new Map<string, number>()
  yield* runFiles({ root, files, atATime }, totals, tookMs)
  times.push({ name, tookMs: performance.now() - from, files: tookMs, atATime })
}

function hasFailed(): boolean {
  const of = (name: string): number => totals.get(name) ?? 0
  return of('fail') + of('cancelled') > 0 || of('pass') === 0
}
