/** Runs the test files of one level and passes on node:test's events, apart from the summary, which is for all levels. */
import { join } from 'node:path'
import { run } from 'node:test'
import type { TestEvent } from 'node:test/reporters'

/** The lines of node:test's summary: name → value, summed over all levels. */
export type Totals = Map<string, number>

const total = /^(tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) ([\d.]+)$/

export interface FilesToRun {
  readonly root: string
  readonly files: readonly string[]
  readonly atATime: number
}

/** `tookMs` gets what each file took, the start of its process included. */
export async function* runFiles(
  { root, files, atATime }: FilesToRun,
  totals: Totals,
  tookMs: Map<string, number>,
): AsyncGenerator<TestEvent> {
  const paths = new Map(files.map(file => [join(root, file), file]))
  for await (const event of run({ cwd: root, files: [...paths.keys()], concurrency: atATime })) {
    // A whole file is reported as a test that has its path as its name.
    const file = event.type === 'test:complete' ? paths.get(event.data.name) : undefined
    if (file !== undefined) tookMs.set(file, event.data.details.duration_ms)
    const [, name, value] = event.type === 'test:diagnostic' ? (total.exec(event.data.message) ?? []) : []
    if (name === undefined) yield event
    else totals.set(name, (totals.get(name) ?? 0) + Number(value))
  }
}

/** The summary of all levels, as node:test gives it for one run. */
export function* summary(totals: Totals): Generator<TestEvent> {
  for (const [name, value] of totals)
    yield { type: 'test:diagnostic', data: { nesting: 0, message: `${name} ${value}`, level: 'info' } }
}
