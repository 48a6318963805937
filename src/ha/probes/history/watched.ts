/** What a watch told, compared with what happened. */
import type { WatchRecord } from '../../record/record.ts'
import type { AgentEvent, Change } from '../agent/protocol.ts'

type WatchEvent = Extract<AgentEvent, { readonly type: 'watch' | 'watch-cut' }>

/** `changes`: all that happened, as the members agree. Judged is what lies between the first and the last event. */
export function watchRecord(events: readonly WatchEvent[], changes: readonly Change[], originMs: number): WatchRecord {
  const seen = events.flatMap(event => (event.type === 'watch' ? [event.revision] : []))
  const cuts = events.flatMap(event => (event.type === 'watch-cut' ? [event.at - originMs] : []))
  const distinct = new Set(seen)
  const [first, last] = [Math.min(...seen), Math.max(...seen)]
  const missed = changes.filter(({ revision }) => revision > first && revision < last && !distinct.has(revision))
  return { events: seen.length, gaps: missed.length, duplicates: seen.length - distinct.size, cuts }
}
