/** What a user sees when something expected went wrong: attempted, seen, where to look, what to do. */

/** Decides the exit code: failed 1, usage 2, environment 3, internal 4, interrupted 130. */
export type FailureKind = 'failed' | 'usage' | 'environment' | 'internal' | 'interrupted'

export interface Failure {
  readonly kind: FailureKind
  /** One line, capital first, no final period: what was attempted, then what was seen. */
  readonly message: string
  /** `file:line:column` of the input at fault. */
  readonly at?: string
  /** The lines of the input at fault, with a caret. */
  readonly excerpt?: string
  /** The last observation before giving up. */
  readonly last?: string
  /** The file with the details. */
  readonly log?: string
  /** The command or change that mends it. */
  readonly try?: string
  /** Failures reported together, for example all errors of one workflow file. */
  readonly also?: readonly Failure[]
}

export const failed = (message: string, more: Omit<Failure, 'kind' | 'message'> = {}): Failure => ({
  kind: 'failed',
  message,
  ...more,
})

export const usage = (message: string, more: Omit<Failure, 'kind' | 'message'> = {}): Failure => ({
  kind: 'usage',
  message,
  ...more,
})

export const environment = (message: string, more: Omit<Failure, 'kind' | 'message'> = {}): Failure => ({
  kind: 'environment',
  message,
  ...more,
})

/** Reported as one; there must be at least one. */
export function together([first, ...also]: readonly Failure[]): Failure {
  if (!first) throw new Error('Something failed, and nothing says what')
  return also.length > 0 ? { ...first, also } : first
}

/** The message of anything that was thrown. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** The end of what a program printed: mostly that says why it failed. */
export const lastLines = (text: string, count = 12): string => text.trimEnd().split('\n').slice(-count).join('\n')
