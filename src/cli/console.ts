/** The two streams of the process: results go to stdout, progress to stderr. */

export interface Console {
  out(text: string): void
  err(text: string): void
  /** Of stderr, where progress goes. */
  readonly isTerminal: boolean
  readonly color: boolean
  terminalSize(): { readonly columns: number; readonly rows: number }
}

export function processConsole(environment: Readonly<Record<string, string | undefined>>): Console {
  // A reader that went away (`| head`), or a terminal that was closed, must not end a run before it cleaned up.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
  const isTerminal = process.stderr.isTTY === true && environment.TERM !== 'dumb'
  return {
    out: text => void process.stdout.write(text),
    err: text => void process.stderr.write(text),
    isTerminal,
    color: isTerminal && !environment.NO_COLOR,
    terminalSize: () => ({ columns: process.stderr.columns || 80, rows: process.stderr.rows || 24 }),
  }
}

/** What was written to a pipe is there only when its reader took it, or went away. */
export async function allWritten(): Promise<void> {
  const taken = (stream: NodeJS.WriteStream) => new Promise<void>(resolve => stream.write('', () => resolve()))
  await Promise.all([taken(process.stdout), taken(process.stderr)])
}
