/** --dry-run: what it says is what the next run does, and nothing at all is different after it. */
import assert from 'node:assert/strict'
import { existsSync, lstatSync, readdirSync, rmSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { TestProject } from './project.ts'

const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g']

/** Each task reads a file of its own, all read one in common; `d` makes the same bytes whatever its input holds. */
const workflow = (needs: Readonly<Record<string, readonly string[]>>): string => {
  const task = (name: string) => {
    const sources = [`in/${name}`, ...(needs[name] ?? []).map(need => `out/${need}/x`)]
    const make = name === 'd' ? 'echo same' : `cat ${sources.join(' ')}`
    return `  ${name}: { run: "mkdir -p out/${name}; ${make} > out/${name}/x", inputs: ["in/${name}", "in/al*"], needs: [${needs[name] ?? []}], outputs: [out/${name}] }\n`
  }
  return `tasks:\n${names.map(task).join('')}  check: { run: "true", needs: [g], cache: false }\n`
}

test('what a dry run says is what the run does', { timeout: 240_000 }, async () => {
  const seed = Number(process.env.K8S_HA_TEST_SEED ?? Math.floor(Math.random() * 1e9))
  console.log(`seed ${seed}`)
  let state = seed
  const below = (limit: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * limit)
  }
  using project = new TestProject()
  const needs = Object.fromEntries(names.map((name, at) => [name, names.slice(0, at).filter(() => below(3) === 0)]))
  project.workflow(workflow(needs))
  project.write('in/all', '0')
  for (const name of names) project.write(`in/${name}`, '0')
  for (let round = 0; round < 40; round++) {
    for (let changes = below(3); changes >= 0; changes--) {
      const name = names[below(names.length)] ?? 'a'
      const change = [
        () => project.write(`in/${name}`, String(below(3))),
        () => project.write('in/all', String(below(2))),
        () => rmSync(project.path(`out/${name}`), { recursive: true, force: true }),
        () => project.write(`out/${name}/x`, 'edited'),
        () => project.write(`out/${name}/stray`, ''),
        () => below(4) === 0 && rmSync(join(project.cacheDir, 'records'), { recursive: true, force: true }),
        () => {
          const blobs = join(project.cacheDir, 'blobs')
          if (!existsSync(blobs)) return
          const folders = readdirSync(blobs)
          const folder = join(blobs, folders[below(folders.length)] ?? '')
          for (const blob of readdirSync(folder))
            if (below(2) === 0) rmSync(join(folder, blob))
            else truncateSync(join(folder, blob), below(2))
        },
      ]
      change[below(change.length)]?.()
    }
    const before = picture(project.dir)
    const planned = (await project.run({ dryRun: true, adopt: true })).status
    assert.deepEqual(picture(project.dir), before, `seed ${seed}, round ${round}`)
    const { status } = await project.run({ adopt: true })
    const kept: Readonly<Record<string, string>> = { 'would-execute': 'executed', 'would-restore': 'restored' }
    for (const [name, said] of Object.entries(planned))
      if (said !== 'unknown') assert.equal(status[name], kept[said] ?? said, `seed ${seed}, round ${round}, ${name}`)
  }
})

test('a dry run changes nothing, whatever it finds', async () => {
  using project = new TestProject()
  project.workflow(
    'tasks:\n  many: { run: "cp in x; mkdir out; touch out/{1..40}", inputs: [in], outputs: [out, x] }\n',
  )
  project.write('in', '1')
  await project.run()
  rmSync(project.path('out'), { recursive: true })
  const [folder = ''] = readdirSync(join(project.cacheDir, 'manifests'))
  const [manifest = ''] = readdirSync(join(project.cacheDir, 'manifests', folder))
  project.write(`cache/manifests/${folder}/${manifest}`, 'damaged')
  const unchanged = async (): Promise<string> => {
    const before = picture(project.dir)
    const { because } = await project.run({ dryRun: true })
    assert.deepEqual(picture(project.dir), before)
    return because.many ?? ''
  }
  assert.match(await unchanged(), /manifest .* is damaged/)
  rmSync(join(project.cacheDir, 'secret'))
  project.write('in', '2')
  assert.match(await unchanged(), /^something changed; /)
})

/** Path → all that can tell whether it was written to. */
function picture(folder: string): Readonly<Record<string, string>> {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()
  return Object.fromEntries(
    ['.', ...paths].map(path => {
      const { ino, mode, size, mtimeNs, ctimeNs } = lstatSync(join(folder, path), { bigint: true })
      return [path, `${ino} ${mode} ${size} ${mtimeNs} ${ctimeNs}`]
    }),
  )
}

test('a dry run and a run end at once when they are interrupted while they look at many small inputs', async () => {
  using project = new TestProject()
  project.workflow('tasks: { a: { run: "true", inputs: "in/**" } }')
  for (let at = 0; at < 10_000; at++) project.write(`in/${at % 100}/${at}`, `${at}`)
  const stop = new AbortController()
  // As a signal is: noticed only when the program lets it.
  setTimeout(() => stop.abort(), 1)
  const planned = await project.try({ dryRun: true, signal: stop.signal })
  assert.equal(!planned.ok && planned.failure.kind, 'interrupted')
  const again = new AbortController()
  setTimeout(() => again.abort(), 1)
  assert.equal((await project.run({ signal: again.signal })).summary.status, 'cancelled')
})

test('a dry run runs nothing of the project, and says what it cannot know without', async () => {
  using project = new TestProject()
  project.workflow(`
tasks:
  tool: { run: "echo > tool", fingerprint: ["echo >> commands"], outputs: [tool] }
  after: { run: "cat tool > after", needs: [tool], outputs: [after] }
  plain: { run: "echo > plain", outputs: [plain] }
`)
  const planned = await project.run({ dryRun: true })
  assert.deepEqual(planned.status, { tool: 'unknown', after: 'unknown', plain: 'would-execute' })
  assert.equal(planned.because.tool, 'unknown until its commands run')
  await project.run()
  const ran = project.read('commands')
  const again = await project.run({ dryRun: true })
  assert.deepEqual(again.status, { tool: 'unknown', after: 'unknown', plain: 'up-to-date' })
  assert.deepEqual((await project.run({ dryRun: true, force: true })).status.tool, 'would-execute')
  assert.equal(project.read('commands'), ran)
  const known = await project.run({ dryRun: true, runFingerprints: true })
  assert.deepEqual(known.status, { tool: 'up-to-date', after: 'up-to-date', plain: 'up-to-date' })
  assert.equal(project.read('commands'), `${ran}\n`)
})
