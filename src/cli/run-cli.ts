/** From the arguments to the exit code; the one place where failures are printed. */
import type { Failure } from '../platform/failure.ts'
import { messageOf } from '../platform/failure.ts'
import { isSystemError, systemFailure } from '../platform/system-error.ts'
import { renderFailure } from '../report/terminal/render-failure.ts'
import { type Invocation, ParsedOptions } from './command.ts'
import { parseCommandLine } from './command-line.ts'
import { processConsole } from './console.ts'
import { displayPath } from './display-path.ts'
import { exitCodes } from './exit-code.ts'
import { type Interruption, watchInterruptions } from './signals/interruption.ts'

/** `exit` ends the process at once: only at the third interruption. */
export async function runCli(argv: readonly string[], exit: (code: number) => void): Promise<number> {
  const environment = process.env
  const console = processConsole(environment)
  const exitCode = await runCommand(argv, { environment, console, exit })
  await console.taken()
  return exitCode
}

interface Surroundings extends Pick<Invocation, 'environment' | 'console'> {
  readonly exit: (code: number) => void
}

async function runCommand(argv: readonly string[], { environment, console, exit }: Surroundings): Promise<number> {
  const report = (failure: Failure): number => {
    console.err(renderFailure(failure, { color: console.color, displayPath: path => displayPath(path, process.cwd()) }))
    return exitCodes[failure.kind]
  }
  let interruption: Interruption | undefined
  try {
    const parsed = await parseCommandLine(argv, console.out)
    if (!parsed.ok) return report(parsed.failure)
    if (parsed.value === undefined) return 0
    const { args, rest, options, run } = parsed.value
    const invocation: Invocation = {
      args,
      rest,
      options: new ParsedOptions(options),
      cwd: process.cwd(),
      environment,
      console,
      interruption: () => {
        interruption ??= watchInterruptions(() => exit(exitCodes.interrupted))
        return interruption
      },
    }
    const result = await run(invocation)
    return result.ok ? result.value : report(result.failure)
  } catch (error) {
    // What the system refuses is no bug, wherever nobody has said more of it.
    if (isSystemError(error)) return report(systemFailure('Cannot go on', error))
    return report({
      kind: 'internal',
      message: `Internal error: ${messageOf(error)}`,
      last: error instanceof Error ? (error.stack ?? '') : String(error),
      try: 'report this, with the command that you gave',
    })
  }
}
