/** A task's context in a temporary project, for tests that call a task type directly. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { TestContext } from 'node:test'
import type { TaskContext } from '../../src/engine/workflow/task-type.ts'

export interface TaskFixture {
  readonly projectDir: string
  /** What the task said. */
  readonly logged: string[]
  context<With>(options: With, more?: Partial<TaskContext<With>>): TaskContext<With>
}

export function taskFixture(t: TestContext): TaskFixture {
  const projectDir = mkdtempSync(join(tmpdir(), 'k8s-ha-task-'))
  t.after(() => rmSync(projectDir, { recursive: true, force: true }))
  const logDir = join(projectDir, 'log')
  mkdirSync(logDir)
  const logged: string[] = []
  return {
    projectDir,
    logged,
    context(options, more = {}) {
      for (const output of more.outputs ?? []) mkdirSync(dirname(output), { recursive: true })
      return {
        task: 'task',
        with: options,
        projectDir,
        cacheDir: join(projectDir, 'cache'),
        outputs: [],
        inputs: [],
        needs: new Map(),
        env: {},
        logDir,
        settings: new Map(),
        signal: new AbortController().signal,
        log: text => logged.push(text),
        progress: () => undefined,
        event: () => undefined,
        onlyNow: () => undefined,
        ...more,
      }
    },
  }
}
