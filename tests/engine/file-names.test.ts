/** Files whose names are not UTF-8, as unpacked from old archives: as good as any other, for inputs, outputs and links. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, readdirSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { runDeclared } from '../../src/sandbox/run-declared.ts'
import { TestProject } from './project.ts'

const root = process.getuid?.() === 0 ? false : 'needs root'

/** Every path below the folder with its kind, mode, link target and the digest of its content. */
const list = (project: TestProject, folder: string): string =>
  execFileSync(
    'bash',
    ['-c', `find ${folder} -printf '%y %m %l %p\\n' | sort; find ${folder} -type f | sort | xargs -d'\\n' sha256sum`],
    {
      cwd: project.dir,
      env: { PATH: process.env.PATH, LC_ALL: 'C' },
      encoding: 'latin1',
      stdio: ['ignore', 'pipe', 'ignore'],
    },
  )

const bytes = (project: TestProject, name: string): Buffer => Buffer.from(`${project.dir}/${name}`, 'latin1')

const make = `
tasks:
  make:
    run: |
      mkdir -p "out/$(printf 'd\\351')/deep" "out/$(printf 'd\\350')"
      for name in $(printf 'caf\\351') $(printf 'caf\\350') plain; do echo "$name" >"out/$(printf 'd\\351')/$name"; done
      head -c 100000 /dev/zero | tr '\\0' x >"out/$(printf 'large\\377')"
      head -c 9000000 /dev/zero | tr '\\0' y >"out/$(printf 'larger\\377')"
      ln -s "$(printf 'd\\351/caf\\351')" out/link
      ln -s "$(printf 'nowhere\\351')" "out/$(printf 'dead\\351')"
    outputs: [out]
`

test('outputs with such names are restored whole, and are up to date then', async () => {
  using project = new TestProject()
  project.workflow(make)
  await project.run()
  const before = list(project, 'out')
  assert.match(before, /caf\xe9\n/)
  for (const change of [
    () => rmSync(project.path('out'), { recursive: true }),
    () => unlinkSync(bytes(project, 'out/d\xe9/caf\xe9')),
    () => writeFileSync(bytes(project, 'out/large\xff'), 'changed'),
    () => {
      unlinkSync(project.path('out/link'))
      symlinkSync(Buffer.from('d\xe9/caf\xe8', 'latin1'), project.path('out/link'))
    },
  ]) {
    assert.equal((await project.run()).status.make, 'up-to-date')
    change()
    assert.equal((await project.run()).status.make, 'restored')
    assert.ok(list(project, 'out') === before)
  }
})

test('outputs with such names are removed before their task runs, also from folders that cannot be written', async () => {
  using project = new TestProject()
  project.workflow(make)
  await project.run()
  chmodSync(bytes(project, 'out/d\xe9'), 0o500)
  project.workflow(make.replace('plain', 'other'))
  assert.equal((await project.run()).status.make, 'executed')
  assert.doesNotMatch(list(project, 'out'), /plain/)
})

test('inputs with such names count as any others, also below folders with such names', async () => {
  using project = new TestProject()
  mkdirSync(bytes(project, 'src/d\xe9'), { recursive: true })
  const files = ['src/caf\xe9', 'src/caf\xe8', 'src/d\xe9/deep']
  for (const file of files) writeFileSync(bytes(project, file), 'first')
  project.write('src/plain', 'plain')
  project.workflow(
    `tasks:\n  read: { run: "cat src/*/* src/caf* > out", inputs: ["src/**", "!src/plain"], outputs: [out] }\n`,
  )
  await project.run()
  for (const file of files) {
    assert.equal((await project.run()).status.read, 'up-to-date')
    writeFileSync(bytes(project, file), `changed ${file}`)
    assert.equal((await project.run()).status.read, 'executed')
  }
  project.write('src/plain', 'changed')
  assert.equal((await project.run()).status.read, 'up-to-date')
})

test('a link among the inputs counts by its target, whatever bytes that is', async () => {
  using project = new TestProject()
  const link = (target: string) => symlinkSync(Buffer.from(target, 'latin1'), project.path('link'))
  link('nowhere\xe9')
  project.workflow('tasks:\n  read: { run: "readlink link > out", inputs: [link], outputs: [out] }\n')
  await project.run()
  assert.equal((await project.run()).status.read, 'up-to-date')
  unlinkSync(project.path('link'))
  link('nowhere\xe8')
  assert.equal((await project.run()).status.read, 'executed')
})

test('a sandbox shows such inputs, takes such outputs, and names what is undeclared', { skip: root }, async () => {
  using project = new TestProject()
  writeFileSync(bytes(project, 'in\xe9'), 'in')
  const verify = { verifyInputs: true, sandbox: { run: runDeclared } }
  const script = (more: string) =>
    `tasks:\n  copy:\n    run: mkdir out; cp in* out/; ${more}\n    inputs: ["in*"]\n    outputs: [out]\n`
  project.workflow(script('true'))
  const ran = await project.run(verify)
  assert.equal(ran.status.copy, 'executed', JSON.stringify(ran.summary))
  assert.deepEqual(readdirSync(project.path('out'), 'latin1'), ['in\xe9'])
  project.workflow(script("touch $(printf 'stray\\351')"))
  const failure = (await project.run(verify)).summary.tasks[0]?.failure
  assert.match(failure?.message ?? '', /wrote files that it does not declare: "stray.*"/)
})
