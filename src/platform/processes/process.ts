/** Starts programs, always as process groups of their own, and ends them as groups: politely, then hard. */
import { failed, lastLines } from '../failure.ts'
import { fail, ok, type Result } from '../result.ts'
import { Supervision, type SupervisionOptions } from './supervision.ts'

export interface ProcessOptions extends SupervisionOptions {
  readonly cwd?: string
  /** The whole environment of the child; nothing is inherited unless it is given here. */
  readonly env?: Readonly<Record<string, string>>
  readonly input?: string
  readonly onOutput?: (text: string, stream: 'stdout' | 'stderr') => void
  /** As onOutput, for output that need not be text: bytes as they come. */
  readonly onBytes?: (bytes: Uint8Array, stream: 'stdout' | 'stderr') => void
  /** False: what the program prints goes to onOutput only, of which there may be any amount. Default true. */
  readonly collect?: boolean
}

export interface ProcessOutput {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

/** The least that programs expect; the rest of the caller's environment stays out. */
export const minimalEnv = (): Record<string, string> => ({
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  HOME: process.env.HOME ?? '/',
  LANG: 'C.UTF-8',
})

/**
 * Runs a program to its end. A result for every exit code; a failure when it could not be started, ran out of
 * time, was ended by a signal, or the caller aborted.
 */
export async function runProcess(
  argv: readonly string[],
  options: ProcessOptions = {},
): Promise<Result<ProcessOutput>> {
  const [file, ...args] = argv
  if (file === undefined) throw new Error('runProcess needs a program')
  // Loaded when something is run at all: it takes longer than a whole run that has nothing to do.
  const { execa } = await import('execa')
  const child = execa(file, args, {
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    env: options.env ?? minimalEnv(),
    extendEnv: false,
    detached: true,
    reject: false,
    stripFinalNewline: false,
    cleanup: false,
    buffer: options.collect ?? true,
    ...(options.input === undefined ? { stdin: 'ignore' as const } : { input: options.input }),
  })
  const supervision = new Supervision(argv, options, { child: child.nodeChildProcess, streams: child })
  const { onOutput, onBytes } = options
  if (onBytes) {
    child.stdout?.on('data', (bytes: Uint8Array) => onBytes(bytes, 'stdout'))
    child.stderr?.on('data', (bytes: Uint8Array) => onBytes(bytes, 'stderr'))
  }
  if (onOutput) {
    child.stdout?.setEncoding('utf8').on('data', (text: string) => onOutput(text, 'stdout'))
    child.stderr?.setEncoding('utf8').on('data', (text: string) => onOutput(text, 'stderr'))
  }
  const outcome = await child
  const { exitCode, signal, cause } = outcome
  const ended = await supervision.end({
    exitCode,
    problem: signal ? `ended by ${signal}` : (cause as Error | undefined)?.message,
    last: lastLines(outcome.stderr || outcome.stdout || ''),
  })
  if (!ended.ok) return ended
  return ok({ exitCode: ended.value, stdout: outcome.stdout ?? '', stderr: outcome.stderr ?? '' })
}

/** Like runProcess, but an exit code other than 0 is a failure that carries the end of what the program printed. */
export async function runChecked(
  argv: readonly string[],
  options: ProcessOptions = {},
): Promise<Result<ProcessOutput>> {
  const result = await runProcess(argv, options)
  if (!result.ok || result.value.exitCode === 0) return result
  const { exitCode, stdout, stderr } = result.value
  return fail(
    failed(`Cannot finish "${options.name ?? argv.join(' ')}": exit code ${exitCode}`, {
      last: lastLines(stderr || stdout),
    }),
  )
}
