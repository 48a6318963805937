/** A throw-away project to run workflows in, as a user's would be. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { RunEvent } from '../../src/engine/events.ts'
import type { Project } from '../../src/engine/project.ts'
import { type RunSummary, runFlow } from '../../src/engine/run-flow.ts'
import type { HowToRun, WhatToRun } from '../../src/engine/run-options.ts'
import type { Failure } from '../../src/platform/failure.ts'
import type { Result } from '../../src/platform/result.ts'

/** What a test wants of its run: of the project, of what to run, and of how. */
type Wishes = Project & WhatToRun & HowToRun
export type Extra = Partial<Omit<Wishes, 'projectDir' | 'emit'>>

export interface Ran {
  readonly summary: RunSummary
  readonly events: readonly RunEvent[]
  /** `{compile: 'executed', …}`. */
  readonly status: Readonly<Record<string, string>>
  readonly because: Readonly<Record<string, string>>
  readonly warnings: readonly string[]
  /** What tasks printed. */
  readonly output: string
}

export class TestProject {
  readonly dir = mkdtempSync(join(tmpdir(), 'k8s-ha-engine-'));

  [Symbol.dispose](): void {
    rmSync(this.dir, { recursive: true, force: true })
  }

  get cacheDir(): string {
    return join(this.dir, 'cache')
  }

  path(name: string): string {
    return join(this.dir, name)
  }

  write(name: string, text: string): void {
    mkdirSync(dirname(this.path(name)), { recursive: true })
    writeFileSync(this.path(name), text)
  }

  read(name: string): string {
    return readFileSync(this.path(name), 'utf8')
  }

  workflow(text: string, name = 'main'): void {
    this.write(`workflows/${name}.yaml`, text)
  }

  options(extra: Extra = {}): Wishes {
    return { projectDir: this.dir, cacheDir: this.cacheDir, environment: {}, taskTypes: {}, workflow: 'main', ...extra }
  }

  try(extra: Extra = {}, events: RunEvent[] = []): Promise<Result<RunSummary>> {
    const wishes = this.options(extra)
    return runFlow(wishes, wishes, { ...wishes, emit: event => events.push(event) })
  }

  /** Fails the test when the workflow cannot be run at all. */
  async run(extra: Extra = {}): Promise<Ran> {
    const events: RunEvent[] = []
    const result = await this.try(extra, events)
    if (!result.ok) throw new Error(describe(result.failure))
    const summary = result.value
    return {
      summary,
      events,
      status: Object.fromEntries(summary.tasks.map(({ task, status }) => [task, status])),
      because: Object.fromEntries(summary.tasks.map(({ task, because }) => [task, because])),
      warnings: events.flatMap(event => (event.type === 'warning' ? [event.text] : [])),
      output: events.flatMap(event => (event.type === 'task-output' ? [event.text] : [])).join(''),
    }
  }

  /** The failure of a workflow that must not run. */
  async refused(extra: Extra = {}): Promise<Failure> {
    const result = await this.try(extra)
    if (result.ok) throw new Error(`It ran: ${JSON.stringify(result.value.tasks)}`)
    return result.failure
  }
}

export const describe = (failure: Failure): string =>
  [failure, ...(failure.also ?? [])]
    .map(({ at, message, excerpt }) => `${at ?? ''} ${message}\n${excerpt ?? ''}`)
    .join('\n')

/** The messages of a failure and of those reported with it. */
export const messages = (failure: Failure): string[] => [failure, ...(failure.also ?? [])].map(({ message }) => message)
