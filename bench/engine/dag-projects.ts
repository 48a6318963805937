/** The generated DAG of one size, once for our engine and once for each peer, run once so that all is in place. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { generateTasks, writeGeneratedDag } from '../generated-dag.ts'
import { type Contestant, type Program, runProgram } from '../measure.ts'
import type { Peer } from '../peers/peer.ts'
import type { Row } from '../table.ts'
import { type Arena, ours } from './arena.ts'

export interface DagProject {
  readonly again: Contestant
  /** As if it had never been run. */
  readonly first: Contestant
  readonly stop: () => void
}

/** `plan`: read and decided, nothing done. */
export function ourDag(arena: Arena, count: number): DagProject & { readonly plan: Program } {
  const projectDir = arena.newFolder('ours')
  writeGeneratedDag(projectDir, count)
  const program = arena.flow(projectDir, 'dag')
  return {
    plan: arena.flow(projectDir, 'dag', '--dry-run'),
    again: { program },
    first: { program, prepare: () => forget(arena, projectDir, ours) },
    stop: () => {},
  }
}

function peersDag(arena: Arena, peer: Peer, count: number): DagProject {
  const projectDir = arena.newFolder(peer.name)
  const tasks = generateTasks(count)
  peer.write(projectDir, tasks)
  const program = peer.run(projectDir, tasks)
  return {
    again: { program },
    first: {
      program,
      prepare: () => {
        peer.stop?.(projectDir)
        forget(arena, projectDir, peer)
        peer.start?.(projectDir)
      },
    },
    stop: () => peer.stop?.(projectDir),
  }
}

/** A row that says why when the peer cannot do it. */
export function withPeer(
  arena: Arena,
  peer: Peer,
  { what, count }: { readonly what: string; readonly count: number },
  measure: (theirs: DagProject) => Row,
): Row {
  let theirs: DagProject | undefined
  try {
    theirs = peersDag(arena, peer, count)
    return measure(theirs)
  } catch (error) {
    const why = error instanceof Error ? error.message.replaceAll(/\s+/g, ' ').slice(-160) : error
    return { what, ours: '', peer: peer.name, theirs: `fails: ${why}` }
  } finally {
    theirs?.stop()
  }
}

/** The commands alone, as many at a time as there are cores: what any engine needs at least. */
export function xargsDag(arena: Arena, count: number, jobs: number): Contestant {
  const projectDir = arena.newFolder('xargs')
  writeGeneratedDag(projectDir, count)
  const script = `xargs -P${jobs} -d '\\n' -I{} sh -c {} <commands`
  return {
    program: { argv: ['sh', '-c', script], cwd: projectDir, env: arena.env },
    prepare: () => forget(arena, projectDir, { ...ours, kept: [] }),
  }
}

/** A run that brings everything up to date. */
export function settle({ first }: DagProject): void {
  first.prepare?.()
  runProgram(first.program)
}

/** Everything back to before the first run. */
export function forget(arena: Arena, projectDir: string, { kept, tasksDir }: Pick<Peer, 'kept' | 'tasksDir'>): void {
  for (const path of [join(tasksDir, 'out'), ...kept]) arena.putAside(join(projectDir, path))
  mkdirSync(join(projectDir, tasksDir, 'out'))
}
