/** Reads the logs of runs: one folder a run, whose events.ndjson has an event a line, as they happened. */
import { closeSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { digestOf } from '../platform/digest.ts'
import { ifThere } from '../platform/files.ts'
import { entriesOf } from '../platform/folder-entries.ts'
import type { RunEvent } from './events.ts'

export const eventsFile = (runDir: string): string => join(runDir, 'events.ndjson')

/** A name of a file holds 255 bytes at most, and some of it is needed for its ending. */
const longestName = 200

/** Names that the run's own files have, or that of another task's log; and the two that are folders everywhere. */
const taken = /\.(ndjson|json|html|log)$|^\.\.?$/

/** Of its files and folders in a run's folder: no two tasks share one. */
export function logName(task: string): string {
  const plain = task.replaceAll('%', '%25').replaceAll('/', '%2F')
  const name = taken.test(plain) ? plain.replaceAll('.', '%2E') : plain
  if (Buffer.byteLength(name) <= longestName) return name
  const digest = digestOf(task).slice(0, 12)
  return `${Buffer.from(name)
    .subarray(0, longestName - 60)
    .toString('utf8')
    .replace(/\ufffd+$/, '')}-${digest}`
}

export const taskLog = (runDir: string, task: string): string => join(runDir, `${logName(task)}.log`)

/** The oldest first: their names are times. */
export const runNames = (runsDir: string): readonly string[] => entriesOf(runsDir)

/** All but what tasks printed, which can be long; empty when there is no log. */
export function readEvents(runDir: string): readonly RunEvent[] {
  const lines = (ifThere(() => readFileSync(eventsFile(runDir), 'utf8')) ?? '').split('\n')
  return lines.flatMap(line => (line.startsWith(outputStart) ? [] : (parseEvent(line) ?? [])))
}

const outputStart = '{"type":"task-output"'

export interface LogEnds {
  readonly started?: Extract<RunEvent, { readonly type: 'run-started' }>
  /** Absent: the run goes on, or it was killed. */
  readonly finished?: Extract<RunEvent, { readonly type: 'run-finished' }>
}

/** The first and the last event, without reading what is between them: logs may be long. */
export function readEnds(runDir: string): LogEnds {
  const descriptor = ifThere(() => openSync(eventsFile(runDir), 'r'))
  if (descriptor === undefined) return {}
  try {
    const first = parseEvent(readPart(descriptor, 0).split('\n')[0])
    const last = parseEvent(
      readPart(descriptor, Math.max(0, fstatSync(descriptor).size - endBytes))
        .trimEnd()
        .split('\n')
        .at(-1),
    )
    return {
      ...(first?.type === 'run-started' ? { started: first } : {}),
      ...(last?.type === 'run-finished' ? { finished: last } : {}),
    }
  } finally {
    closeSync(descriptor)
  }
}

/** More than the first or the last event takes. */
const endBytes = 16_384

/** Undefined for what a killed run left unfinished, and for an empty line. */
function parseEvent(line = ''): RunEvent | undefined {
  try {
    const event: unknown = JSON.parse(line)
    return isEvent(event) ? event : undefined
  } catch {
    return undefined
  }
}

const isEvent = (value: unknown): value is RunEvent =>
  value instanceof Object && 'type' in value && typeof value.type === 'string' && 'at' in value

function readPart(descriptor: number, position: number): string {
  const buffer = Buffer.alloc(endBytes)
  return buffer.subarray(0, readSync(descriptor, buffer, 0, endBytes, position)).toString('utf8')
}
