/**
 * Whatever the system refuses, at whichever place: no message calls it an internal error, the program ends, and the next
 * run is right. Each place of the code that touches files gets one of the errors in turn, another with each seed.
 */
import assert from 'node:assert/strict'
import { appendFileSync, cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, describe, type TestContext, test } from 'node:test'
import { write } from './checkout.ts'
import { run, type Seen } from './run.ts'

const codes = ['EACCES', 'ELOOP', 'ENOSPC', 'EBUSY', 'ENOTDIR', 'EMFILE'] as const
const seed = Number(process.env.K8S_HA_TEST_SEED ?? Math.floor(Math.random() * codes.length))

const workflow = `
params: { p: { default: x } }
tasks:
  a: { run: "mkdir -p out; cp src/a out/a; ln -s a out/l; echo \${{ params.p }}", inputs: "src/**", outputs: out, dotenv: .env }
  b: { run: "cat out/a > b; head -c 9000000 /dev/zero > big", needs: a, outputs: [b, big], fingerprint: cat src/a }
  c: { run: "true", cache: false, needs: b }
`
const project = { 'workflows/w.yaml': workflow, 'src/a': '1', '.env': 'A=1\n', 'k8s-ha.yaml': 'concurrency: 2\n' }
const preload = { NODE_OPTIONS: `--require=${join(import.meta.dirname, 'throwing-fs.cjs')}` }

interface Case {
  readonly argv: readonly string[]
  /** What was done in the project before. */
  readonly before?: (dir: string) => Promise<unknown>
  /** A run must be right afterwards. */
  readonly recovers?: true
}

const flow = (dir: string): Promise<Seen> => run(['flow', 'w'], { cwd: dir })

const cases: Readonly<Record<string, Case>> = {
  'a first run': { argv: ['flow', 'w'], recovers: true },
  'a restore': {
    argv: ['flow', 'w'],
    recovers: true,
    before: async dir => {
      await flow(dir)
      for (const path of ['out', 'b']) rmSync(join(dir, path), { recursive: true })
    },
  },
  'a dry run': { argv: ['flow', 'w', '-n'] },
  'why, after a run': { argv: ['why', 'w'], before: flow },
  'logs, after a run': { argv: ['logs', 'a'], before: flow },
  'pruning the cache': { argv: ['cache', 'prune', '--max-size', '0'], before: flow },
  'verifying the cache': { argv: ['cache', 'verify'], before: flow },
  'the list of flows': { argv: ['flow'] },
}

function folder(context: TestContext, name: string): string {
  const path = mkdtempSync(join(tmpdir(), `k8s-ha-refusal-${name}-`))
  context.after(() => rmSync(path, { recursive: true, force: true }))
  return path
}

/** Places that an earlier case has tried. */
const known = join(mkdtempSync(join(tmpdir(), 'k8s-ha-refusal-')), 'known')
after(() => rmSync(dirname(known), { recursive: true }))

describe(`whatever the system refuses (seed ${seed})`, () => {
  for (const [name, { argv, before, recovers }] of Object.entries(cases))
    test(name, { timeout: 600_000 }, async context => {
      const [original, dir] = [folder(context, 'original'), join(folder(context, 'copy'), 'project')]
      write(original, project)
      await before?.(original)
      const file = `${dir}.place`
      const tried: string[] = []
      if (!existsSync(known)) writeFileSync(known, '')
      for (let place = 0; ; place++) {
        for (const path of [dir, file]) rmSync(path, { recursive: true, force: true })
        cpSync(original, dir, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true })
        const code = codes[(place + seed) % codes.length] ?? 'EACCES'
        const env = { ...preload, FAULT_PLACE: String(place), FAULT_CODE: code, FAULT_FILE: file, FAULT_KNOWN: known }
        const seen = await run(argv, { cwd: dir, env })
        if (!existsSync(file)) {
          appendFileSync(known, tried.map(one => `${one}\n`).join(''))
          assert.ok(readFileSync(known, 'utf8').split('\n').length > 100, 'the program was not reached')
          return
        }
        tried.push(readFileSync(file, 'utf8'))
        const what = `${code} at ${readFileSync(file, 'utf8')}\n${seen.stderr}`
        assert.doesNotMatch(seen.stdout + seen.stderr, /internal error|report this|\n +at .*\.js:/i, what)
        assert.ok(seen.code !== null && seen.code <= 3, `exit code ${seen.code}: ${what}`)
        if (recovers && place % 4 === seed % 4) await isWell(dir, what)
      }
    })
})

async function isWell(dir: string, what: string): Promise<void> {
  const after = await flow(dir)
  assert.equal(after.code, 0, `${what}\nand then\n${after.stderr}`)
  assert.equal(readFileSync(join(dir, 'b'), 'utf8'), '1')
  writeFileSync(join(dir, 'src/a'), '2')
  assert.equal((await flow(dir)).code, 0)
  assert.equal(readFileSync(join(dir, 'b'), 'utf8'), '2', what)
}
