/** Reading and hashing 2 GB of inputs of which no digest is known, beside sha256sum on all cores. */
import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { type Contestant, runProgram, sideBySide } from '../measure.ts'
import { compared, type Row } from '../table.ts'
import { type Arena, ours as engine } from './arena.ts'
import { forget } from './dag-projects.ts'

const sizes = [
  { folder: 'large', files: 8, bytes: 64 * 2 ** 20 },
  { folder: 'middle', files: 512, bytes: 2 ** 20 },
  { folder: 'small', files: 16_384, bytes: 64 * 2 ** 10 },
]

const workflow = `tasks:
  hash:
    run: ': >out/done'
    inputs: ['in/**']
    outputs: [out/done]
`

export function* hashingRows(arena: Arena): Generator<Row> {
  const projectDir = arena.folder('hashing')
  for (const folder of ['workflows', 'out']) arena.folder(`hashing/${folder}`)
  writeFileSync(join(projectDir, 'k8s-ha.yaml'), '')
  writeFileSync(join(projectDir, 'workflows/hash.yaml'), workflow)
  for (const { folder, files, bytes } of sizes) {
    const dir = arena.folder(`hashing/in/${folder}`)
    const content = randomBytes(bytes)
    for (let file = 0; file < files; file++) {
      content.writeUInt32LE(file)
      writeFileSync(join(dir, String(file)), content)
    }
  }
  const cores = availableParallelism()
  const script = `find in -type f -print0 | xargs -0 -P${cores} -n32 sha256sum >/dev/null`
  const ours: Contestant = {
    program: arena.flow(projectDir, 'hash'),
    prepare: () => forget(arena, projectDir, engine),
  }
  const theirs: Contestant = { program: { argv: ['sh', '-c', script], cwd: projectDir, env: arena.env } }
  runProgram(theirs.program)
  yield compared({
    what: 'hashing of a 2 GB tree, cold index',
    peer: `sha256sum, ${cores} at a time`,
    measured: sideBySide(ours, theirs, { times: 7, budgetMs: 120_000 }),
    promised: { must: 1.5, aim: 1.1 },
  })
}
