/** flow --watch: a change reruns what it affects; its own outputs wake nobody; a change during a run outdates it. */
import assert from 'node:assert/strict'
import { appendFileSync, existsSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { makeProject } from './project.ts'
import { start } from './run.ts'

/** What it printed so far is waited for, and looked at only from there on. */
function watching(context: TestContext, argv: readonly string[], cwd: string) {
  const started = start(['flow', ...argv, '--watch'], { cwd })
  let text = ''
  let from = 0
  for (const stream of [started.child.stdout, started.child.stderr])
    stream?.on('data', (part: string) => {
      text += part
    })
  context.after(() => started.child.kill('SIGKILL'))
  const next = (pattern: RegExp): Promise<string> =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`nothing printed like ${pattern}:\n${text}`)), 30_000)
      const look = () => {
        const found = pattern.exec(text.slice(from))
        if (!found) return
        clearTimeout(timer)
        const seen = text.slice(from, from + found.index + found[0].length)
        from += found.index + found[0].length
        for (const stream of [started.child.stdout, started.child.stderr]) stream?.off('data', look)
        resolve(seen)
      }
      for (const stream of [started.child.stdout, started.child.stderr]) stream?.on('data', look)
      look()
    })
  return { ...started, next, shown: () => text }
}

const idle = /watching \d+ files; Ctrl-C ends\n/

test('a change reruns what it affects, and says what changed', async context => {
  const cwd = makeProject(context, {})
  const { next, child, ended } = watching(context, ['compile'], cwd)
  assert.match(await next(idle), /passed in .*2 executed/)
  writeFileSync(join(cwd, 'src/b.txt'), 'b\n')
  const seen = await next(idle)
  assert.match(seen, /changed: src\/b\.txt\n/)
  assert.match(seen, /2 executed/)
  assert.match(readFileSync(join(cwd, 'out/all'), 'utf8'), /^a\nb\n/)
  child.kill('SIGINT')
  assert.equal((await ended).code, 0)
})

test('neither its outputs, nor their removal, nor foreign files wake it', async context => {
  const cwd = makeProject(context, {})
  const { next, shown } = watching(context, ['compile'], cwd)
  await next(idle)
  rmSync(join(cwd, 'out'), { recursive: true })
  writeFileSync(join(cwd, 'src/editor.swp'), 'x')
  writeFileSync(join(cwd, 'elsewhere'), 'x')
  // Later than all that, so that what it wakes for is told before.
  writeFileSync(join(cwd, 'src/b.txt'), 'b\n')
  await next(idle)
  assert.deepEqual(shown().match(/changed: .*/g), ['changed: src/b.txt'])
})

test('a file that was only touched costs a look, and no task', async context => {
  const cwd = makeProject(context, {})
  const { next } = watching(context, ['compile'], cwd)
  await next(idle)
  const later = new Date(Date.now() + 10_000)
  utimesSync(join(cwd, 'src/a.txt'), later, later)
  assert.match(await next(idle), /passed in .*2 tasks up to date/)
})

const slow = `
tasks:
  up: { run: "touch up", cache: false }
  slow: { run: "cat in.txt > seen; echo begun; if grep -q slow seen; then sleep 600; fi", inputs: [in.txt], needs: [up], outputs: [seen] }
  down: { run: "touch down", cleans: up }
`

test('a change during a run cancels it; it cleans up, and another run begins', async context => {
  const cwd = makeProject(context, { 'workflows/slow.yaml': slow, 'in.txt': 'slow\n' })
  const { next, child, ended } = watching(context, ['slow', '--verbose'], cwd)
  await next(/slow │ begun/)
  writeFileSync(join(cwd, 'in.txt'), 'fast\n')
  const seen = await next(idle)
  assert.match(seen, /cancelled in /)
  assert.match(seen, /changed: in\.txt\n/)
  assert.match(seen, /passed in /)
  assert.ok(existsSync(join(cwd, 'down')))
  assert.equal(readFileSync(join(cwd, 'seen'), 'utf8'), 'fast\n')
  child.kill('SIGINT')
  assert.equal((await ended).code, 0)
})

test('many files that change one soon after the other make one run', async context => {
  const cwd = makeProject(context, {})
  const { next, shown } = watching(context, ['compile'], cwd)
  await next(idle)
  for (let burst = 1; ; burst++) {
    const told = shown().length
    let widestMs = 0
    for (let at = 1; at <= 20; at++) {
      const from = performance.now()
      writeFileSync(join(cwd, `src/${burst}-${at}.txt`), `burst ${burst} file ${at}\n`)
      await delay(30)
      widestMs = Math.max(widestMs, performance.now() - from)
    }
    do await next(idle)
    while (
      !existsSync(join(cwd, 'out/all')) ||
      !readFileSync(join(cwd, 'out/all'), 'utf8').includes(`burst ${burst} file 20\n`)
    )
    // On a machine so busy that the files did not come soon after one another, nothing is said by how often it ran.
    if (widestMs > 100) continue
    assert.deepEqual(
      shown()
        .slice(told)
        .match(/changed: .*/g),
      [`changed: src/${burst}-1.txt (+19)`],
    )
    return
  }
})

test('with --keep what a run made stays for the next one', async context => {
  const cwd = makeProject(context, { 'workflows/slow.yaml': slow, 'in.txt': 'slow\n' })
  const { next, child, ended } = watching(context, ['slow', '--verbose', '--keep'], cwd)
  await next(/slow │ begun/)
  writeFileSync(join(cwd, 'in.txt'), 'fast\n')
  assert.match(await next(idle), /cancelled in [\s\S]*passed in /)
  writeFileSync(join(cwd, 'in.txt'), 'faster\n')
  assert.match(await next(idle), /passed in /)
  child.kill('SIGINT')
  assert.equal((await ended).code, 0)
  assert.equal(existsSync(join(cwd, 'down')), false)
})

test('a workflow that is broken for a while is told, and waited for', async context => {
  const cwd = makeProject(context, {})
  const { next } = watching(context, ['compile'], cwd)
  await next(idle)
  const file = join(cwd, 'workflows/compile.yaml')
  const whole = readFileSync(file, 'utf8')
  appendFileSync(file, '  broken: [\n')
  assert.match(await next(idle), /error: .*\n +at: +workflows\/compile\.yaml:/)
  writeFileSync(file, whole.replace('> out/lines', '> out/lines; echo more >> out/lines'))
  assert.match(await next(idle), /changed: workflows\/compile\.yaml\n(.*\n)*.*1 executed, 1 up to date/)
})

test('Ctrl-C during a run interrupts it', async context => {
  const cwd = makeProject(context, { 'workflows/slow.yaml': slow, 'in.txt': 'slow\n' })
  const { next, child, ended } = watching(context, ['slow'], cwd)
  await next(/● slow/)
  child.kill('SIGINT')
  assert.equal((await ended).code, 130)
  assert.ok(existsSync(join(cwd, 'down')))
})

const writer = (script: string) =>
  `tasks: { a: { run: "echo run >> log; ${script}; cp src/a.txt o", inputs: ["src/**"], outputs: [o] } }`

for (const [what, script] of [
  ['a file', 'date +%N > src/generated'],
  ['another file each time', 'echo > src/$(date +%N)'],
  ['a file at first, and goes on for long', 'date +%N > src/generated; sleep 0.6'],
] as const)
  test(`a task that writes ${what} among its inputs is told and stopped, and wakes again for others`, async context => {
    const cwd = makeProject(context, { 'workflows/loop.yaml': writer(script) })
    const { next, shown, child, ended } = watching(context, ['loop'], cwd)
    const seen = await next(/not running again for that\n[\s\S]*?Ctrl-C ends\n/)
    assert.match(seen, /warning: each run changes src\/\w+, and "a" reads it: /)
    const runs = () => readFileSync(join(cwd, 'log'), 'utf8').split('\n').length - 1
    const before = runs()
    assert.ok(before <= 5)
    // Idle for long enough that a further round would have begun.
    await delay(500)
    assert.equal(runs(), before)
    writeFileSync(join(cwd, 'src/a.txt'), 'more\n')
    await next(/changed: src\/a\.txt/)
    await next(/Ctrl-C ends\n/)
    child.kill('SIGINT')
    assert.equal((await ended).code, 0)
    assert.doesNotMatch(shown(), /stopping tasks/)
  })
