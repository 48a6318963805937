/** Runs the task type fetch-programs in a temporary project. */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import type { TaskContext } from '../../src/engine/workflow/task-type.ts'
import fetchPrograms from '../../tasks/fetch-programs.ts'
import { taskFixture } from './task-fixture.ts'

export interface Fetch {
  readonly product?: 'kubernetes' | 'etcd'
  readonly url?: string
  readonly kubernetes?: string
  readonly signal?: AbortSignal
}

export function fetchFixture(t: TestContext) {
  const { projectDir, context, logged } = taskFixture(t)
  const output = join(projectDir, 'build/fetched')
  const cacheDir = join(projectDir, 'cache')
  const progress: string[] = []
  let isKept = true
  const onlyNow = () => {
    isKept = false
  }
  const downloadsDir = join(cacheDir, 'downloads')
  const downloads = () => (existsSync(downloadsDir) ? readdirSync(downloadsDir) : [])
  return {
    projectDir,
    cacheDir,
    output,
    logged,
    progress,
    chosen: (): unknown => JSON.parse(readFileSync(join(output, 'chosen.json'), 'utf8')),
    /** Names in the folder of downloads; a rest of one ends with .part. */
    downloads,
    /** Whether the last fetch may be kept for later runs. */
    kept: () => isKept,
    /** The bytes of the unfinished download that are on the disk. */
    arrived: (): number | undefined => {
      const part = downloads().find(name => name.endsWith('.part'))
      return part === undefined ? undefined : statSync(join(downloadsDir, part)).size
    },
    fetch: (
      version: string,
      { product = 'kubernetes', url = 'https://127.0.0.1:1', signal, kubernetes }: Fetch = {},
    ) => {
      const more: Partial<TaskContext<unknown>> = signal === undefined ? {} : { signal }
      const options = { product, version, url, modules: 'modules', ...(kubernetes === undefined ? {} : { kubernetes }) }
      return fetchPrograms.run(
        context(options, { outputs: [output], onlyNow, progress: text => progress.push(text), ...more }) as never,
      )
    },
    pin(minor: string, mod: string) {
      const folder = join(projectDir, 'modules', minor)
      mkdirSync(folder, { recursive: true })
      writeFileSync(join(folder, 'go.mod'), mod)
      writeFileSync(join(folder, 'go.sum'), 'x.local/m v1.0.0 h1:sum=\nx.local/m v1.0.0/go.mod h1:sum=\n')
    },
  }
}

export const sha256 = (content: string | Buffer): string => createHash('sha256').update(content).digest('hex')
