/** What tasks may do with their streams and their TMPDIR: open them by path, print any bytes, bind a socket. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { engineSandbox } from '../../src/cli/engine-sandbox.ts'
import { shortFolderOf } from '../../src/engine/runners/short-folder.ts'
import { projectStateDir, tasksDir } from '../../src/engine/store/cache-layout.ts'
import { type Extra, TestProject } from './project.ts'

const isRoot = process.getuid?.() === 0

const kinds: readonly (readonly [name: string, task: string, how: Extra])[] = [
  ['a plain script', '', {}],
  ['a script with variables', ', env: [HOME]', {}],
  ['a script that is not ASCII', ', description: ä', {}],
  ...(isRoot ? ([['a script in a sandbox', '', { verifyInputs: true, sandbox: engineSandbox }]] as const) : []),
]

const logOf = (runDir: string | undefined, task: string): Buffer => readFileSync(join(runDir ?? '', `${task}.log`))

for (const [kind, more, how] of kinds)
  describe(kind, () => {
    test('opens its streams by path', async () => {
      using project = new TestProject()
      const script = [
        'echo one > /dev/stdout',
        'echo two | tee /dev/stderr > /dev/null',
        'echo three > /dev/fd/1',
        'echo four >> /dev/stderr',
        'echo five > /proc/self/fd/2',
        kind.includes('ASCII') ? 'echo ä > /dev/stdout' : 'true',
      ].join('; ')
      project.workflow(`tasks: { a: { cache: false, run: "${script}"${more} } }`)
      const { status, output } = await project.run(how)
      assert.equal(status.a, 'executed')
      for (const word of ['one', 'two', 'three', 'four', 'five']) assert.match(output, new RegExp(`^${word}$`, 'm'))
    })

    test('prints bytes that are no text: the log has them as they are, and nothing else on disk has them', async () => {
      using project = new TestProject()
      project.workflow(
        `tasks: { a: { cache: false, run: "printf 'x\\\\377\\\\000\\\\303' ; sleep 0.1; printf '\\\\244y'"${more} } }`,
      )
      const { summary, output } = await project.run(how)
      assert.deepEqual([...logOf(summary.runDir, 'a')], [0x78, 0xff, 0, 0xc3, 0xa4, 0x79])
      assert.equal(output, 'x\ufffd\0äy')
      assert.doesNotMatch(readFileSync(join(summary.runDir ?? '', 'events.ndjson'), 'utf8'), /task-output/)
    })

    test('has a TMPDIR in which a Unix socket fits, and which is gone afterwards', async () => {
      using project = new TestProject()
      const deep = project.path('a-rather-long-name/of/a/project/in/the/home/folder/of/somebody/with/a/long/name')
      mkdirSync(join(deep, 'workflows'), { recursive: true })
      const name = `os.environ['TMPDIR'] + '/' + 's' * 40`
      project.write('bind.py', `import os, socket; socket.socket(socket.AF_UNIX).bind(${name})\n`)
      const script = `echo "$TMPDIR"; python3 bind.py`
      project.workflow(`tasks: { a: { cache: false, inputs: [bind.py], run: '${script}'${more} } }`)
      const cacheDir = join(deep, 'cache')
      const { status, output } = await project.run({ ...how, cacheDir })
      assert.equal(status.a, 'executed', output)
      assert.equal(existsSync(output.trim()), false)
      const short = shortFolderOf(tasksDir(projectStateDir({ projectDir: project.dir, cacheDir })))
      assert.ok(output.startsWith(`${short.link}/`))
      assert.equal(existsSync(short.dir), false)
      assert.deepEqual(readdirSync(tasksDir(projectStateDir({ projectDir: project.dir, cacheDir }))), [])
    })
  })

test('a fingerprint command opens its stdout by path', async () => {
  using project = new TestProject()
  project.workflow('tasks: { a: { run: "true", fingerprint: ["cat x > /dev/stdout"] } }')
  project.write('x', '1')
  assert.equal((await project.run()).status.a, 'executed')
  assert.equal((await project.run()).status.a, 'up-to-date')
  project.write('x', '2')
  assert.equal((await project.run()).because.a, 'output of tool "cat x > /dev/stdout" changed')
})

test('where somebody else has the short folder, the long one is used', async () => {
  using project = new TestProject()
  project.workflow('tasks: { a: { cache: false, run: \'echo "$TMPDIR"; touch "$TMPDIR/x"\' } }')
  const { dir } = shortFolderOf(tasksDir(projectStateDir(project.options())))
  symlinkSync('/nowhere', dir)
  try {
    const { output, status } = await project.run()
    assert.equal(status.a, 'executed')
    assert.ok(output.startsWith(project.cacheDir))
  } finally {
    execFileSync('rm', [dir])
  }
})
