/** What is said about a workflow file that is wrong. */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { listWorkflows, loadWorkflow } from '../../src/engine/load/load-workflow.ts'
import { readProjectSettings } from '../../src/engine/load/project-settings.ts'
import { describe, type Extra, messages, TestProject } from './project.ts'

async function errorsOf(text: string, extra: Extra = {}): Promise<string[]> {
  using project = new TestProject()
  project.workflow(text)
  const loaded = await loadWorkflow(project.options(extra), 'main')
  if (loaded.ok) return []
  assert.equal(loaded.failure.kind, 'usage')
  return messages(loaded.failure)
}

test('all errors of a file are told at once, each with its place and excerpt', async () => {
  using project = new TestProject()
  project.workflow(`tasks:
  compile:
    rum: make
    needs: [configur]
  configure:
    run: ./configure \${{ params.prefix }}
    timeout: soon
`)
  const loaded = await loadWorkflow(project.options(), 'main')
  assert.ok(!loaded.ok)
  assert.equal(
    describe(loaded.failure),
    `workflows/main.yaml:3:5 Unknown key "rum" in task "compile"; did you mean "run"?
3 |     rum: make
  |     ^^^
workflows/main.yaml:4:13 Unknown task "configur"; did you mean "configure"?
4 |     needs: [configur]
  |             ^^^^^^^^
workflows/main.yaml:6:10 Undeclared parameter "prefix"
6 |     run: ./configure \${{ params.prefix }}
  |          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
workflows/main.yaml:7:14 "tasks.configure.timeout" is "soon": expected a duration such as 90s, 10m or 1h30m
7 |     timeout: soon
  |              ^^^^`,
  )
})

const cases: readonly [name: string, text: string, ...expected: string[]][] = [
  [
    'an unknown need',
    'tasks:\n  a: { needs: [compil] }\n  compile: { run: "true" }\n',
    'Unknown task "compil"; did you mean "compile"?',
  ],
  [
    'a cycle, with its whole path',
    'tasks:\n  a: { run: x, needs: [c] }\n  b: { run: x, needs: [a] }\n  c: { run: x, needs: [b] }\n',
    'Tasks need each other in a circle: a → c → b → a',
  ],
  ['a task that needs itself', 'tasks:\n  a: { run: x, needs: [a] }\n', 'Tasks need each other in a circle: a → a'],
  [
    'an output that two tasks own',
    'tasks:\n  a: { run: x, outputs: [out] }\n  b: { run: x, outputs: [out] }\n',
    'Tasks "a" and "b" both own the output "out"',
  ],
  [
    'an output inside of another',
    'tasks:\n  a: { run: x, outputs: [out] }\n  b: { run: x, outputs: [./out/b] }\n',
    'Output "out/b" lies in "out", which is an output of task "a"',
  ],
  [
    'outputs that are not the project’s',
    'tasks:\n  a: { run: x, outputs: [../b, /etc/b, cache/x, .git/hooks, .] }\n',
    'Output "../b" lies outside the project',
    'Output "/etc/b" is absolute: paths start at the project’s root',
    'Output "cache/x" touches "cache", which is not for outputs',
    'Output ".git/hooks" touches ".git", which is not for outputs',
    'Output "." is the project itself',
  ],
  [
    'outputs without which there would be no workflow or no repository',
    'tasks:\n  a: { run: x, outputs: [workflows, k8s-ha.yaml, sub/.git/hooks] }\n',
    'Output "workflows" touches "workflows/main.yaml", which is not for outputs',
    'Output "k8s-ha.yaml" touches "k8s-ha.yaml", which is not for outputs',
    'Output "sub/.git/hooks" touches ".git", which is not for outputs',
  ],
  [
    'an input that a task makes which is not needed',
    'tasks:\n  a: { run: x, outputs: [gen] }\n  b: { run: x, inputs: [gen/a.h] }\n',
    'Input "gen/a.h" is made by task "a", which is not among its needs',
  ],
  [
    'an undeclared parameter',
    'params: { family: { default: x } }\ntasks:\n  a: { run: "echo ${{ params.famly }}" }\n',
    'Undeclared parameter "famly"; did you mean "params.family"?',
  ],
  [
    'an unknown substitution',
    'tasks:\n  a: { run: "echo ${{ env.HOME }}" }\n',
    'Cannot substitute "${{ env.HOME }}": only params.<name> and matrix.<name> are known',
  ],
  [
    'a substitution in single quotes',
    'params: { a: { default: x } }\ntasks:\n  a: { run: "echo \'${{ params.a }}\'" }\n',
    '"${{ params.a }}" stands in single quotes, where bash puts no value; it is one word without quotes',
  ],
  [
    'an unknown task type',
    'tasks:\n  a: { uses: make-rot }\n',
    'Unknown task type "make-rot"; did you mean "make-root"?',
  ],
  [
    'a matrix that is neither form',
    'tasks:\n  a: { run: x, matrix: 3 }\n  b: { run: x, matrix: { k: 1 } }\n  c: { run: x, matrix: [d] }\n',
    '"tasks.a.matrix" is 3: expected a mapping of lists, or a list of combinations',
    '"tasks.b.matrix.k" is 1: expected a list of values',
    '"tasks.c.matrix.0" is "d": expected a mapping of values',
  ],
  [
    'combinations whose keys differ',
    'tasks:\n  a: { run: x, matrix: [{ defect: a, scenario: b }, { defekt: a, scenario: b }] }\n',
    'Combination 2 of the matrix has no "defect", as the first one has',
    'The matrix\'s first combination has no "defekt"; did you mean "defect"?',
  ],
  [
    'a combination that is there twice, and an empty one',
    'tasks:\n  a: { run: x, matrix: [{ k: a }, { k: a }] }\n  b: { run: x, matrix: [{}] }\n  c: { run: x, matrix: [] }\n',
    'The matrix gives the task "a[a]" twice',
    '"tasks.b.matrix.0" is {}: expected at least one value',
    '"tasks.c.matrix" is []: expected at least one combination',
  ],
  ['run and uses together', 'tasks:\n  a: { run: x, uses: make-root }\n', 'Task "a" has both "run" and "uses"'],
  [
    'a group with outputs',
    'tasks:\n  a: { outputs: [x] }\n',
    'Task "a" has "outputs" but nothing to run: neither "run" nor "uses"',
  ],
  ['a key that is there twice', 'tasks:\n  a: { run: x }\n  a: { run: y }\n', 'The key "a" is there twice'],
  [
    'a name that cannot be one',
    'tasks:\n  "a b": { run: x }\n',
    'Invalid name "a b" in "tasks": expected a name of letters, digits, "_", "." and "-" that starts with a letter or "_"',
  ],
  ['an unknown include', 'include: [nothing]\n', 'Unknown workflow "nothing"'],
  [
    'a default that is not allowed',
    'params: { a: { default: x, enum: [y] } }\n',
    'Parameter "a" cannot be "x": expected one of y',
  ],
  ['a value without default', 'params: { a: { description: what } }\n', 'Parameter "a" has no value'],
  ['a text that is no mapping', 'hello\n', 'The workflow is "hello": expected a mapping'],
  ['a list for a task', 'tasks: { a: [] }\n', '"tasks.a" is []: expected a mapping'],
  [
    'a value that contains itself',
    'tasks:\n  a: { uses: make-root, with: &w { k: [*w] } }\n',
    '"*w" stands inside of what it means',
  ],
  [
    'anchors that explode',
    `a: &a [x, x, x, x, x, x, x, x, x, x]\n${'bcdefgh'
      .split('')
      .map((name, at) => `${name}: &${name} [${Array(10).fill(`*${'abcdefg'[at]}`).join(', ')}]`)
      .join('\n')}\n`,
    'Cannot read the workflow: Excessive alias count indicates a resource exhaustion attack',
  ],
  [
    'globs that could take for ever',
    `tasks:\n  a: { run: x, inputs: ["src/*a*a*a*a*b", "!${'**/x/'.repeat(5)}y", "${'{a,b}'.repeat(9)}", "+(a|[a])b", "src/+(ab)*"] }\n`,
    'Input "src/*a*a*a*a*b" has more than 4 "*" between two "/"',
    `Input "!${'**/x/'.repeat(5)}y" has more than 4 "**"`,
    `Input "${'{a,b}'.repeat(9)}" has more than 8 groups of alternatives`,
    'Input "+(a|[a])b" repeats a group that is more than one plain text',
  ],
  [
    'paths that are too long',
    `tasks:\n  a: { run: x, inputs: ["${'x'.repeat(70_000)}*"], outputs: ["${'a/'.repeat(3_000)}"] }\n`,
    `Input "${'x'.repeat(199)}…" is longer than a path can be`,
    `Output "${'a/'.repeat(99)}a…" is longer than a path can be`,
  ],
  [
    'paths with a name that no file can have',
    `tasks:\n  a: { run: x, inputs: ["a/${'x'.repeat(256)}", "${'x'.repeat(255)}", "${'x'.repeat(256)}*"], outputs: ["${'ü'.repeat(128)}"] }\n`,
    `Input "a/${'x'.repeat(197)}…" has a name of more than 255 bytes, which no file can have`,
    `Output "${'ü'.repeat(128)}" has a name of more than 255 bytes, which no file can have`,
  ],
  [
    'a NUL character',
    'tasks:\n  a: { run: "tr\\0ue", fingerprint: ["\\0"], matrix: { k: ["a\\0"] } }\n',
    '"tasks.a.run" is "tr\\u0000ue": expected a text without a NUL character',
    '"tasks.a.fingerprint.0" is "\\u0000": expected a text without a NUL character',
    '"tasks.a.matrix.k.0" is "a\\u0000": expected a text without a NUL character',
  ],
  [
    'a time-out that no timer can wait for',
    'tasks:\n  a: { run: x, timeout: 597h }\n  b: { run: x, timeout: 576h }\n',
    '"tasks.a.timeout" is "597h": expected at most 24 days (576h)',
  ],
  [
    'a large text that cannot be read in pieces',
    `tasks: { a: { run: "${'x'.repeat(9 * 1024 * 1024)}" } }\n`,
    'Cannot read the workflow: it is larger than 8 MiB, and cannot be read in pieces: something in it is wrong, or a task begins in the midst of a line',
  ],
  ['nesting without end', `${'['.repeat(20_000)}\n`, 'Cannot read the workflow: it is nested too deeply'],
]

for (const [name, text, ...expected] of cases)
  test(`${name} is an error`, async () => {
    const errors = await errorsOf(text, {
      taskTypes: { 'make-root': async () => Promise.reject(new Error('not loaded')) },
    })
    assert.deepEqual(errors, expected)
  })

test('a broken YAML text is told with its place', async () => {
  using project = new TestProject()
  project.workflow('tasks:\n  a: { run: x\n  b: y\n')
  const loaded = await loadWorkflow(project.options(), 'main')
  assert.ok(!loaded.ok)
  assert.match(loaded.failure.message, /^Cannot read the workflow: /)
  assert.match(loaded.failure.at ?? '', /^workflows\/main\.yaml:[34]:\d+$/)
})

test('an unknown workflow is told with a near name', async () => {
  using project = new TestProject()
  project.workflow('tasks: {}\n', 'test-ipv4')
  const loaded = await loadWorkflow(project.options(), 'test-ipv')
  assert.equal(!loaded.ok && loaded.failure.message, 'Unknown workflow "test-ipv"; did you mean "test-ipv4"?')
})

test('parameters: --set over environment over k8s-ha.yaml over default; a wrong value names its source', async () => {
  using project = new TestProject()
  project.workflow(
    'params:\n  family: { default: IPv4, enum: [IPv4, IPv6, dual], env: xcluster_BASE_FAMILY }\n  n: { default: 3 }\n',
  )
  project.write('k8s-ha.yaml', 'family: dual\ncache: { maxSize: 1GiB }\n')
  const settings = await readProjectSettings(project.dir)
  assert.ok(settings.ok)
  assert.deepEqual(
    [...settings.value],
    [
      ['family', 'dual'],
      ['cache.maxSize', '1GiB'],
    ],
  )
  const value = async (extra: Extra) => {
    const loaded = await loadWorkflow(project.options(extra), 'main')
    return loaded.ok ? loaded.value.params.map(param => [param.value, param.source]) : messages(loaded.failure)
  }
  const projectSettings = settings.value
  const environment = { xcluster_BASE_FAMILY: 'IPv6', K8S_HA_N: '5' }
  assert.deepEqual(await value({}), [
    ['IPv4', 'default'],
    [3, 'default'],
  ])
  assert.deepEqual(await value({ projectSettings }), [
    ['dual', 'project'],
    [3, 'default'],
  ])
  assert.deepEqual(await value({ projectSettings, environment }), [
    ['IPv6', 'environment'],
    [5, 'environment'],
  ])
  assert.deepEqual(await value({ environment, set: new Map([['family', 'IPv4']]) }), [
    ['IPv4', 'set'],
    [5, 'environment'],
  ])
  assert.deepEqual(await value({ environment: { xcluster_BASE_FAMILY: 'IPv5' } }), [
    'Parameter "family" cannot be "IPv5" (from the variable xcluster_BASE_FAMILY): expected one of IPv4, IPv6, dual; did you mean "IPv4"?',
  ])
  assert.deepEqual(await value({ set: new Map([['n', 'many']]) }), [
    'Parameter "n" cannot be "many": expected a number',
  ])
  assert.deepEqual(await value({ set: new Map([['famly', 'x']]) }), [
    'Unknown parameter or setting "famly"; did you mean "family"?',
  ])
})

test('a kept workflow is read again when its file, an included file or a parameter changes', async () => {
  using project = new TestProject()
  project.workflow(
    'include: [part]\nparams: { a: { default: 1, env: A } }\ntasks:\n  x: { run: "echo ${{ params.a }}", cache: false, needs: [y] }\n',
  )
  project.workflow('tasks:\n  y: { run: "echo y", cache: false }\n', 'parts/part')
  assert.equal((await project.run()).output, 'y\n1\n')
  assert.equal((await project.run({ environment: { A: '2' } })).output, 'y\n2\n')
  project.workflow('tasks:\n  y: { run: "echo z", cache: false }\n', 'parts/part')
  assert.equal((await project.run()).output, 'z\n1\n')
  project.workflow('tasks:\n  y: { run: "echo first", cache: false }\n', 'part')
  assert.equal((await project.run()).output, 'first\n1\n')
})

test('the list of workflows has descriptions and parameters', async () => {
  using project = new TestProject()
  project.workflow('description: What it does\nparams: { a: { default: 1 } }\n')
  project.workflow('{}\n', 'parts/hidden')
  const { workflows, failures } = await listWorkflows(project.options())
  assert.deepEqual(failures, [])
  assert.deepEqual(workflows, [
    {
      name: 'main',
      description: 'What it does',
      file: 'workflows/main.yaml',
      params: [{ name: 'a', default: 1, env: [] }],
    },
  ])
})

test('a workflow file that is wrong does not hide the others', async () => {
  using project = new TestProject()
  project.workflow('description: fine\n', 'good')
  project.workflow('tasks: { a: { runn: x } }\n', 'bad')
  const { workflows, failures } = await listWorkflows(project.options())
  assert.deepEqual(
    workflows.map(({ name }) => name),
    ['good'],
  )
  assert.match(failures[0]?.message ?? '', /Unknown key "runn"/)
})

test('all unknown keys are told at once: of the file, of parameters, of tasks and of their sandboxes', async () => {
  assert.deepEqual(
    await errorsOf(`
taskz: {}
params: { p: { default: 1, defualt: 1, kind: x } }
tasks:
  b: { run: "true", output: [y], deps: [a], cwd: src, sandbox: { root: r, net: true } }
  r: { run: "echo > r", outputs: [r], cmds: [] }
`),
    [
      'Unknown key "taskz" in the workflow; did you mean "tasks"?',
      'Unknown key "defualt" in parameter "p"; did you mean "default"?',
      'Unknown key "kind" in parameter "p"',
      'Unknown key "output" in task "b"; did you mean "outputs"?',
      'Unknown key "deps" in task "b"; did you mean "needs"?',
      'Unknown key "cwd" in task "b"; did you mean "dir"?',
      'Unknown key "net" in "sandbox" of task "b"',
      'Unknown key "cmds" in task "r"; did you mean "run"?',
    ],
  )
})

test('a workflow file that is not UTF-8 is refused with the place, and so is k8s-ha.yaml', async () => {
  using project = new TestProject()
  const latin1 = Buffer.from('tasks:\n  a:\n    run: printf caf\xe9 > o\n    outputs: [o]\n', 'latin1')
  project.workflow('')
  writeFileSync(project.path('workflows/main.yaml'), latin1)
  const loaded = await loadWorkflow(project.options(), 'main')
  assert.ok(!loaded.ok)
  assert.deepEqual(
    [loaded.failure.at, loaded.failure.message, loaded.failure.also],
    ['workflows/main.yaml:3:20', 'Cannot read the workflow: it is not UTF-8 (byte 0xe9)', undefined],
  )
  writeFileSync(project.path('k8s-ha.yaml'), Buffer.from('a: caf\xe9\n', 'latin1'))
  const settings = await readProjectSettings(project.dir)
  assert.equal(settings.ok || settings.failure.at, 'k8s-ha.yaml:1:7')
})

const hostile = `a b' "c" $(touch pwned) \`touch pwned\` \\ ; touch pwned\n*`
for (const [where, script] of Object.entries({
  'as a word': 'printf %s ${{ params.v }} > out',
  'in double quotes': 'printf %s "${{ params.v }}" > out',
  'in a command substitution': 'printf %s "$(printf %s ${{ params.v }})" > out',
  'in a here-document': 'cat > raw <<EOF\n${{ params.v }}\nEOF\nprintf %s "$(cat raw)" > out',
  'after a comment with a quote': "# it's fine\nprintf %s ${{ params.v }} > out",
}))
  test(`a substituted value is data, never code: ${where}`, async () => {
    using project = new TestProject()
    project.workflow(
      JSON.stringify({ params: { v: { default: 'x' } }, tasks: { a: { run: script, outputs: ['out'] } } }),
    )
    const ran = await project.run({ set: new Map([['v', hostile]]) })
    assert.equal(ran.summary.status, 'passed')
    assert.equal(project.read('out'), hostile)
    assert.throws(() => project.read('pwned'))
  })
