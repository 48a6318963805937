/** What shells offer while a command is typed: commands, options, flows, tasks, parameters and values, runs, VMs. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { type TestContext, test } from 'node:test'
import { makeProject } from './project.ts'
import { launcher, run } from './run.ts'

const files = {
  'workflows/other.yml':
    'group: More\ndescription: another one\ntasks: { a: { run: "true", matrix: { n: [1, 2] } } }\n',
}

/** Without descriptions. */
async function offered(cwd: string, ...words: readonly string[]): Promise<readonly string[]> {
  const { stdout, code } = await run(['complete', '--', ...words], { cwd })
  assert.equal(code, 0)
  return stdout.split('\n').flatMap(line => (line === '' ? [] : [line.split('\t')[0] ?? '']))
}

test('each place offers what fits there', async context => {
  const cwd = makeProject(context, files)
  await run(['flow', 'compile'], { cwd })
  const [ran = ''] = (await run(['runs', '--json'], { cwd })).stdout.split('\n')
  const { run: name }: { run: string } = JSON.parse(ran)
  const cases: readonly (readonly [words: readonly string[], offers: readonly string[]])[] = [
    [['fl'], ['flow']],
    [['comple'], ['completion']],
    [['--v'], ['--version']],
    [
      ['flow', ''],
      ['compile', 'other'],
    ],
    [['flow', 'comp'], ['compile']],
    [['flow', 'compile', 'greet'], ['greeting=']],
    [
      ['flow', 'compile', 'greeting='],
      ['greeting=hello', 'greeting=moin'],
    ],
    [['flow', 'compile', 'greeting=m'], ['greeting=moin']],
    [['flow', 'compile', 'o'], ['other']],
    [['flow', 'compile', '--set', 'greeting=h'], ['greeting=hello']],
    [['flow', 'compile', '--dry'], ['--dry-run']],
    [
      ['flow', 'compile', '--only', 'c'],
      ['compile', 'count'],
    ],
    [
      ['flow', 'other', '--only', 'a'],
      ['a', 'a[1]', 'a[2]'],
    ],
    [['flow', './x'], [':files']],
    [['flow', 'compile', '--', ''], []],
    [['why', 'compile', 'cou'], ['count']],
    [['graph', 'compile', '--format', 'm'], ['mermaid']],
    [['graph', 'compile', '--format=m'], ['--format=mermaid']],
    [['flow', '--project', ''], [':folders']],
    [['logs', 'cou'], ['count']],
    [['logs', name, 'com'], ['compile']],
    [['report', '2'], [name]],
    [['cluster', 'st'], ['status']],
    [['vm', 'is'], ['isolate']],
    [
      ['completion', ''],
      ['bash', 'zsh', 'fish'],
    ],
    [['nowhere', ''], []],
  ]
  for (const [words, offers] of cases) {
    const seen = await offered(cwd, ...words)
    assert.deepEqual(
      seen.filter(value => !value.startsWith('pools.')),
      offers,
      words.join(' '),
    )
  }
})

test('VMs are those of the clusters of the project', async context => {
  const cwd = makeProject(context, {
    'cache/clusters/one/description.json': JSON.stringify({ vmDigests: { 'vm-001': '', 'vm-191': '' } }),
  })
  assert.deepEqual(await offered(cwd, 'vm', 'stop', 'vm-1'), ['vm-191'])
  assert.deepEqual(await offered(cwd, 'vm', 'stop', '--cluster', ''), ['one'])
  assert.deepEqual(await offered(cwd, 'cluster', 'exec', 'vm-191', 'x'), [])
})

/** As if the user typed this line and pressed Tab. */
function typed(context: TestContext, line: string): string {
  const cwd = makeProject(context, files)
  const script = `
source <("$1" completion bash)
COMP_LINE=$2; COMP_POINT=\${#2}
# As bash cuts words: at spaces, "=" and ":", which are words themselves.
mapfile -t COMP_WORDS < <(grep -oE '[^ =:]+|[=:]+' <<<"$2"); [[ $2 == *' ' ]] && COMP_WORDS+=("")
COMP_CWORD=$((\${#COMP_WORDS[@]} - 1))
compopt() { :; }
_k8s_ha "$1"
printf '%s\\n' "\${COMPREPLY[@]}"
`
  return execFileSync('bash', ['--norc', '-c', script, 'bash', launcher, line], { cwd, encoding: 'utf8' })
}

test('bash puts what is offered where it cut the word', context => {
  assert.equal(typed(context, 'k8s-ha flow com'), 'compile\n')
  assert.equal(typed(context, 'k8s-ha flow compile greeting='), 'hello\nmoin\n')
  assert.equal(typed(context, 'k8s-ha flow compile greeting=mo'), 'moin\n')
  assert.equal(typed(context, 'k8s-ha flow other --only a['), 'a\\[1\\]\na\\[2\\]\n')
})

test('there is a script for each shell', async () => {
  for (const shell of ['bash', 'zsh', 'fish']) {
    const { stdout, code } = await run(['completion', shell])
    assert.equal(code, 0)
    assert.match(stdout, /complete -- /)
  }
  const { code, stderr } = await run(['completion', 'zhs'])
  assert.equal(code, 2)
  assert.match(stderr, /^error: Unknown shell "zhs": one of bash, zsh, fish; did you mean "zsh"\?/)
})
