/** Bringing back a task's 10,000 output files of 4 KB, beside `cp -a` of the same files. */
import { execFileSync } from 'node:child_process'
import { statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readEvents, runNames } from '../../src/engine/event-log.ts'
import { type Contestant, runProgram, sideBySide } from '../measure.ts'
import { compared, type Row } from '../table.ts'
import type { Arena } from './arena.ts'

/** 100 folders of 100 files; no two files are the same. */
const workflow = `tasks:
  tree:
    run: |
      head -c 40960000 /dev/urandom | split -b 409600 -a 2 -d - "$TMPDIR/"
      for part in "$TMPDIR"/*; do
        mkdir -p "tree/\${part##*/}"
        split -b 4096 -a 2 -d "$part" "tree/\${part##*/}/"
      done
    outputs: [tree]
`

export function* restoreRows(arena: Arena): Generator<Row> {
  const projectDir = arena.folder('restore')
  const tree = join(projectDir, 'tree')
  const copy = join(projectDir, 'copy')
  arena.folder('restore/workflows')
  writeFileSync(join(projectDir, 'k8s-ha.yaml'), '')
  writeFileSync(join(projectDir, 'workflows/restore.yaml'), workflow)
  const program = arena.flow(projectDir, 'restore')
  runProgram(program)
  execFileSync('cp', ['-a', tree, join(arena.dir, 'original')])
  const ours: Contestant = { program, prepare: () => clear(arena, tree) }
  const theirs: Contestant = {
    program: { argv: ['cp', '-a', join(arena.dir, 'original'), copy], cwd: projectDir, env: arena.env },
    prepare: () => clear(arena, copy),
  }
  const what = 'restore of 10,000 files of 4 KB'
  const promised = { must: 1.5, aim: 1.1 }
  const repetitions = { times: 11, budgetMs: 120_000 }
  yield compared({
    what: `${what}, whole process`,
    peer: 'cp -a',
    measured: sideBySide(ours, theirs, repetitions),
    promised,
  })
  const task: Contestant = { ...ours, countedMs: () => lastTaskMs(projectDir) }
  yield compared({
    what: `${what}, the task`,
    peer: 'cp -a',
    measured: sideBySide(task, theirs, repetitions),
    promised,
  })
}

/** As the log of the last run has it: from the decision about the task to its end. */
function lastTaskMs(projectDir: string): number {
  const runs = join(projectDir, 'cache/runs')
  const newest = runNames(runs)
    .map(name => join(runs, name))
    .toSorted((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs)[0]
  const ended = readEvents(newest ?? '').find(event => event.type === 'task-finished')
  if (ended?.status !== 'restored') throw new Error(`The task was not restored: ${JSON.stringify(ended)}`)
  return ended.durationMs
}

/** What was written is on the disk before the time starts: else the disk works for what was before. */
function clear(arena: Arena, path: string): void {
  arena.putAside(path)
  execFileSync('sync')
}
