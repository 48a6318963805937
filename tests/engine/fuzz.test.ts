/** Mutated workflow files: a usage failure or a valid plan, never a crash and never a hang. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Inputs } from '../../src/engine/files/inputs.ts'
import { loadWorkflow } from '../../src/engine/load/load-workflow.ts'
import { TestProject } from './project.ts'

const base = `description: fuzz
params:
  family: { default: IPv4, enum: [IPv4, IPv6], env: FAMILY }
  size: { default: 3 }
tasks:
  compile:
    run: cc -o out/a "\${{ params.family }}" <<EOF
    needs: [configure]
    inputs: ["src/**/*.c", "!src/x.c", literal]
    outputs: ["out/\${{ matrix.family }}"]
    env: [CC]
    fingerprint: ["cc --version \${{ params.size }}"]
    matrix: { family: [IPv4, IPv6] }
    resources: { cluster: 1 }
    timeout: 10m
    retries: 2
  configure: &anchor
    uses: thing
    with: { a: [1, { b: "\${{ params.size }}" }] }
  pairs: { run: "echo \${{ matrix.a }}", matrix: [{ a: 1, b: x }, { a: 2, b: y }], cache: false }
  group: { needs: [compile, configure] }
  clean: { run: "true", cleans: configure }
`
const pieces = [
  '',
  ' ',
  '\n',
  '\t',
  '  ',
  ':',
  '- ',
  '[',
  ']',
  '{',
  '}',
  '"',
  "'",
  '\\',
  '&a ',
  '*a',
  '*anchor',
  '<<: *anchor',
  '!',
  '!!binary ',
  '|',
  '>',
  '#',
  '---\n',
  '...\n',
  '%YAML 9\n',
  '${{ ',
  ' }}',
  '${{ params.nope }}',
  '${{ matrix.family }}',
  '..',
  '/',
  '\0',
  '\u{1f600}',
  '\ud800',
  'null',
  'true',
  '1e999',
  '-0',
  '0x10',
  '~',
  '? ',
  'needs: [compile]',
  'outputs: [cache/x]',
  'outputs: [out]',
  'include: [main]',
  '__proto__: {}',
  'constructor: {}',
  'toString: { run: x }',
  'a'.repeat(300),
  '[['.repeat(50),
  '"$(',
  '<<E',
  '**/'.repeat(20),
  '{a,b}'.repeat(8),
  '(((((',
  '@(a|b)',
  '+(a|[a])b',
  '*a'.repeat(30),
  '**/a/'.repeat(9),
  '{a,a}'.repeat(30),
]

test('thousands of mutated workflow files: a usage failure or a valid plan', { timeout: 240_000 }, async () => {
  const seed = Number(process.env.K8S_HA_TEST_SEED ?? Math.floor(Math.random() * 1e9))
  const rounds = Number(process.env.K8S_HA_TEST_FUZZ ?? 2_000)
  console.log(`seed ${seed}, ${rounds} files`)
  let state = seed
  const below = (limit: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * limit)
  }
  using project = new TestProject()
  // What globs match is looked at, too: a name that makes bad ones try long, if they are let through.
  project.write(`src/${'a'.repeat(60)}/${'a/'.repeat(40)}x.c`, '')
  let valid = 0
  for (let round = 0; round < rounds; round++) {
    const text = mutate(below)
    project.workflow(text)
    const options = project.options({ taskTypes: { thing: () => Promise.reject(new Error('not loaded')) } })
    const loaded = await loadWorkflow(options, 'main').catch((error: unknown) => {
      throw new Error(`seed ${seed}, round ${round}, file ${JSON.stringify(text)}`, { cause: error })
    })
    if (loaded.ok) {
      valid++
      const names = new Set<string>()
      const inputs = new Inputs(project.dir, ['cache', '.git'], loaded.value.tasks)
      for (const task of loaded.value.tasks) {
        for (const need of task.needs)
          assert.ok(names.has(need), `seed ${seed}, round ${round}: ${need} comes before ${task.name}`)
        names.add(task.name)
        inputs.of(task)
      }
    } else assert.equal(loaded.failure.kind, 'usage', `seed ${seed}, round ${round}: ${loaded.failure.message}`)
  }
  assert.ok(valid > rounds / 100 && valid < rounds, `${valid} of ${rounds} were valid`)
})

function mutate(below: (limit: number) => number): string {
  let text = base
  for (let count = 1 + below(4); count > 0; count--) {
    const at = below(text.length)
    const length = below(3) === 0 ? below(40) : below(4)
    const lines = text.split('\n')
    const line = lines[below(lines.length)] ?? ''
    if (below(6) === 0) text = text.replace(line, `${line}\n${line}`)
    else text = text.slice(0, at) + (pieces[below(pieces.length)] ?? '') + text.slice(at + length)
  }
  return text
}
