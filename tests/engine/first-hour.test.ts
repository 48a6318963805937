/** What those who come from other tools write into a workflow file at first, and what they are told. */
import assert from 'node:assert/strict'
import { renameSync, rmSync } from 'node:fs'
import { describe as group, test } from 'node:test'
import { describe, messages, TestProject } from './project.ts'

async function refusal(text: string): Promise<string[]> {
  using project = new TestProject()
  project.workflow(text)
  return messages(await project.refused())
}

group('single values', () => {
  test('needs, inputs, outputs, env and fingerprint may be one text; they mean the same as a list of it', async () => {
    using project = new TestProject()
    const lists = 'needs: [a], inputs: [src/x], outputs: [o], env: [HOME], fingerprint: ["echo 1"]'
    const a = 'a: { run: "true", inputs: [] }'
    project.write('src/x', '1')
    project.workflow(`tasks: { ${a}, b: { run: "cp src/x o", ${lists} } }`)
    assert.equal((await project.run()).status.b, 'executed')
    project.workflow(`tasks: { ${a}, b: { run: "cp src/x o", ${lists.replaceAll(/\[|\]/g, '')} } }`)
    assert.equal((await project.run()).status.b, 'up-to-date')
  })

  test('what is wrong with one is said at its place', async () => {
    using project = new TestProject()
    project.workflow('tasks:\n  a: { run: "true", needs: b }\n  c: { run: "true", outputs: /x }\n')
    assert.match(
      describe(await project.refused()),
      /main.yaml:2:28 Unknown task "b".*\n[\s\S]*main.yaml:3:30 Output "\/x" is absolute/,
    )
  })
})

test('keys of other tools are known by what they are called here', async () => {
  const keys = ['deps: [b]', 'dependsOn: [b]', 'cmds: [x]', 'cwd: src', 'sources: [x]', 'generates: [x]', 'envFile: x']
  const said = await refusal(`tasks:\n  a:\n    run: x\n${keys.map(key => `    ${key}\n`).join('')}\njobs: {}\n`)
  const names = ['needs', 'needs', 'run', 'dir', 'inputs', 'outputs', 'dotenv']
  assert.deepEqual(said, [
    ...keys.map((key, at) => `Unknown key "${key.replace(/:.*/, '')}" in task "a"; did you mean "${names[at] ?? ''}"?`),
    'Unknown key "jobs" in the workflow; did you mean "tasks"?',
  ])
})

const broken: readonly (readonly [text: string, says: RegExp])[] = [
  ['tasks:\n  a:\n    run: echo "a: b"\n', /a text that holds ": " must be in quotes/],
  ['tasks:\n\ta: 1\n', /indented with a tab/],
  ['tasks:\n  a:\n    run: x\n   outputs: [b]\n', /this line is indented/],
  ['tasks:\n  a:\n    run: x\n    outputs: [b\n  c:\n    run: y\n', /a "\[" lacks its "\]"/],
  ['tasks:\n  a:\n    run: "echo\n', /lacks its closing "/],
  ["tasks:\n  a:\n    run: 'echo it's'\n", /follows a closing quote/],
  ['tasks:\n  a:\n    run: [ -f x ] && y\n', /follows a closing quote or bracket/],
  ['tasks:\n  a:\n    inputs:\n      - *.c\n', /begins with \* must be in quotes/],
  ['tasks:\n  a:\n    run: x\n    inputs: [src/**, !src/x]\n', /begins with ! must be in quotes/],
  ['tasks:\n  a:\n    run: `date`\n', /cannot begin with `/],
  ['tasks:\n  a:\n    run: x\n    outputs: [${{ params.x }}]\n', /a "," is missing, or a text with { }/],
  ['tasks:\n  a:\n    run:x\n    outputs: [b]\n', /a name lacks its ":", or the space after it/],
  ['tasks:\n  a:\n    run: | echo\n', /begins on the next line/],
  ['tasks:\n  a:\n    run: "a \\d"\n', /\\d means nothing between double quotes/],
]

for (const [text, says] of broken)
  test(`YAML that is ${JSON.stringify(text)}: ${says.source}`, async () => {
    const [first = ''] = await refusal(text)
    assert.match(first, says)
    assert.doesNotMatch(first, /scalar|\bflow\b|implicit|token|node|parseAll/i)
  })

test('a text that YAML takes for a tag is refused in a large file, too', async () => {
  const filler = `${'x'.repeat(100)}\n`
  const tasks = Array.from({ length: 900 }, (_, at) => `  t${at}: { run: "echo ${filler.trim()}", inputs: [] }\n`)
  const [first = ''] = await refusal(`tasks:\n${tasks.join('')}  a:\n    run: x\n    inputs: [!src/x]\n`)
  assert.match(first, /must be in quotes/)
})

test('several flows are run as one, unless they define something differently', async () => {
  using project = new TestProject()
  project.workflow('tasks: { a: { run: "true", inputs: [] } }', 'one')
  project.workflow('include: one\ntasks: { b: { run: "true", needs: a } }', 'two')
  project.workflow('params: { p: { default: 1 } }\ntasks: { a: { run: "false" } }', 'three')
  project.workflow('params: { p: { default: 2 } }\ntasks: { d: { run: "false" } }', 'four')
  const ran = await project.run({ workflow: ['two', 'one', 'two'] })
  assert.deepEqual([ran.summary.flow, ran.status], ['two+one', { a: 'executed', b: 'executed' }])
  assert.deepEqual((await project.run({ workflow: ['one', 'two'] })).status, { a: 'up-to-date', b: 'up-to-date' })
  assert.match(
    (await project.refused({ workflow: ['one', 'three'] })).message,
    /defined at .*one.yaml.* too; run the flows/,
  )
  assert.match(
    (await project.refused({ workflow: ['three', 'four'] })).message,
    /defined differently .*; run the flows/,
  )
  assert.match(
    (await project.refused({ workflow: ['one', 'tow'] })).message,
    /^Unknown workflow "tow"; did you mean "two"/,
  )
})

test('a workflow may end in .yml', async () => {
  using project = new TestProject()
  project.workflow('tasks: { a: { run: "true" } }')
  renameSync(project.path('workflows/main.yaml'), project.path('workflows/main.yml'))
  assert.equal((await project.run()).status.a, 'executed')
})

group('dir', () => {
  test('is where the task and its fingerprint commands run; paths stay those of the project', async () => {
    using project = new TestProject()
    project.write('sub folder/x', '1')
    for (const more of ['', ', env: [HOME]']) {
      project.workflow(
        `tasks: { a: { dir: "sub folder", run: "cp x ../out; pwd", fingerprint: "cat x", inputs: "sub folder/x", outputs: out${more} } }`,
      )
      const ran = await project.run()
      assert.equal(ran.status.a, 'executed')
      assert.equal(ran.output, `${project.path('sub folder')}\n`)
      assert.equal((await project.run()).status.a, 'up-to-date')
    }
    project.write('sub folder/x', '2')
    assert.match((await project.run()).because.a ?? '', /output of tool "cat x" changed/)
  })

  test('that is not there, or outside, is refused with its place', async () => {
    using project = new TestProject()
    project.workflow('tasks:\n  a: { run: "true", dir: nowhere }\n')
    const missing = await project.refused()
    assert.equal(missing.message, 'Task "a" is to run in "nowhere", which is no folder')
    assert.equal(missing.at, 'workflows/main.yaml:2:26')
    project.workflow('tasks:\n  a: { run: "true", dir: ../x }\n')
    assert.equal((await project.refused()).message, '"../x" lies outside the project')
  })
})

test('dotenv: variables of files, which count as inputs; the environment comes first for what env names', async () => {
  using project = new TestProject()
  project.write('.env', '# comment\nA=one\nB="two words"\nexport C=three\n')
  project.workflow(`tasks: { a: { run: 'echo "$A|$B|$C|\${D-}"', dotenv: .env, env: [A], outputs: [] } }`)
  const environment = { A: 'mine', B: 'mine', D: 'mine' }
  assert.equal((await project.run({ environment })).output, 'mine|two words|three|\n')
  assert.equal((await project.run({ environment })).status.a, 'up-to-date')
  project.write('.env', 'A=1\nB=2\nC=3\n')
  const again = await project.run({ environment })
  assert.deepEqual([again.because.a, again.output], ['input .env changed', 'mine|2|3|\n'])
  rmSync(project.path('.env'))
  assert.match((await project.refused()).message, /Input ".env" of task "a" does not exist/)
})

test('arguments reach the task that asks for them, as words, and are part of its fingerprint', async () => {
  using project = new TestProject()
  project.workflow(`tasks: { a: { args: true, inputs: [], run: 'printf "<%s>" "$@"; echo' }, b: { run: 'echo "$#"' } }`)
  const args = ['x y', "it's", '$HOME', '']
  const ran = await project.run({ args })
  assert.match(ran.output, /^<x y><it's><\$HOME><>$/m)
  assert.match(ran.output, /^0$/m)
  assert.equal((await project.run({ args })).status.a, 'up-to-date')
  const other = await project.run({ args: ['z'] })
  assert.equal(other.because.a, 'parameter args changed')
  project.workflow('tasks: { b: { run: "true" } }')
  assert.match((await project.refused({ args })).message, /^No task of "main" takes the arguments after "--"$/)
})

test('exit code 141 is explained, as are 127 and 137', async () => {
  using project = new TestProject()
  const scripts = { a: 'yes | head -n 1', b: 'nowhere', c: 'bash -c "kill -9 \\$\\$"' }
  const tasks = Object.entries(scripts).map(([name, run]) => `  ${name}: { run: '${run}' }\n`)
  project.workflow(`tasks:\n${tasks.join('')}`)
  const { summary } = await project.run({ keepGoing: true })
  const advice = summary.tasks.map(({ failure }) => failure?.try ?? '')
  assert.match(advice[0] ?? '', /SIGPIPE.*pipefail/)
  assert.match(advice[1] ?? '', /PATH/)
  assert.match(advice[2] ?? '', /SIGKILL/)
})

test('a missing input is shown where its pattern stands, with what may be meant', async () => {
  using project = new TestProject()
  project.write('src/main.c', '')
  project.write('sub/x', '')
  const at = async (inputs: string, more = '') => {
    project.workflow(`tasks:\n  a:\n    run: "true"\n    inputs: ${inputs}\n${more}`)
    const { at, excerpt, try: mend } = await project.refused()
    return { at, excerpt, mend }
  }
  assert.deepEqual(await at('[src/main.c, src/mian.c]'), {
    at: 'workflows/main.yaml:4:26',
    excerpt: '4 |     inputs: [src/main.c, src/mian.c]\n  |                          ^^^^^^^^^^',
    mend: 'did you mean "src/main.c"?',
  })
  assert.equal((await at('"scr/*.c"')).mend, 'did you mean "src"?')
  assert.match((await at('x', '    dir: sub\n')).mend ?? '', /^"sub\/x": paths start at the project/)
})
