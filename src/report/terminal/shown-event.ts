/** An event as reports show it: names and reasons come from files, which may hold anything. */
import { shownInLine, shownLines } from '../printable.ts'
import type { ReportedEvent } from '../reporter.ts'

/** What a task printed, its failure and a table have lines: who prints them sees to it. */
export function shownEvent(event: ReportedEvent): ReportedEvent {
  switch (event.type) {
    case 'run-started':
      return { ...event, flow: shownInLine(event.flow) }
    case 'task-started':
    case 'task-finished': {
      const { task, because } = event
      const note = 'note' in event && event.note !== undefined ? { note: shownLines(event.note) } : {}
      return { ...event, task: shownInLine(task), because: shownLines(because), ...note }
    }
    case 'warning': {
      const task = event.task === undefined ? {} : { task: shownInLine(event.task) }
      return { ...event, ...task, text: shownLines(event.text) }
    }
    case 'task-progress':
      return { ...event, task: shownInLine(event.task), text: shownLines(event.text) }
    case 'task-output':
      return { ...event, task: shownInLine(event.task) }
    case 'task-event':
    case 'scenarios':
    case 'run-finished':
      return event
  }
}
