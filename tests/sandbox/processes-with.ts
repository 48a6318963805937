/** Finds processes by their command line. */
import { readFileSync } from 'node:fs'
import { processIds } from '../../src/platform/processes/process-identity.ts'

/** The pids of the processes whose words are these. */
export function processesWith(words: string): readonly number[] {
  return processIds().flatMap(pid => {
    try {
      const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim()
      return line === words ? [pid] : []
    } catch {
      return [] // It has just ended.
    }
  })
}
