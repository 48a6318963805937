/** Finds processes by their command line. */
import { readdirSync, readFileSync } from 'node:fs'

/** The pids of the processes whose words are these. */
export function processesWith(words: string): readonly number[] {
  return readdirSync('/proc').flatMap(pid => {
    if (!/^\d+$/.test(pid)) return []
    try {
      const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim()
      return line === words ? [Number(pid)] : []
    } catch {
      return [] // It has just ended.
    }
  })
}
