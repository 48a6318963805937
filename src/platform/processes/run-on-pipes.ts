/** Runs a program whose streams are pipes that it can open anew, as by `> /dev/stdout`: see output-pipes.ts. */
import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync } from 'node:fs'
import type { Readable } from 'node:stream'
import { messageOf } from '../failure.ts'
import { ok, type Result } from '../result.ts'
import { type OutputPipe, takeOutputPipes } from './output-pipes.ts'
import { minimalEnv, type ProcessOptions, runProcess } from './process.ts'
import { Supervision } from './supervision.ts'

export type OnPipesOptions = Omit<ProcessOptions, 'onOutput' | 'collect'> & Required<Pick<ProcessOptions, 'onBytes'>>

interface Ended {
  readonly exitCode: number | undefined
  /** Why there is no exit code. */
  readonly problem?: string
}

/** As runProcess, for a program whose output is handed on and not collected. */
export async function runOnPipes(
  argv: readonly string[],
  options: OnPipesOptions,
): Promise<Result<{ readonly exitCode: number }>> {
  const pipes = await takeOutputPipes()
  if (!pipes) return runProcess(argv, { ...options, collect: false })
  const { stdout, stderr } = pipes
  const streams = { stdout: stdout.reader, stderr: stderr.reader }
  for (const stream of ['stdout', 'stderr'] as const)
    streams[stream].on('data', (bytes: Uint8Array) => options.onBytes(bytes, stream))
  const started = start(argv, options, [stdout, stderr])
  const supervision = new Supervision(argv, options, { child: started.child, streams })
  const [ending] = await Promise.all([started.ended, endOf(stdout.reader), endOf(stderr.reader)])
  const ended = await supervision.end(ending)
  return ended.ok ? ok({ exitCode: ended.value }) : ended
}

interface Started {
  readonly child?: ChildProcess
  readonly ended: Promise<Ended>
}

/** The writers are the child's alone from then on. */
function start(argv: readonly string[], options: OnPipesOptions, pipes: readonly [OutputPipe, OutputPipe]): Started {
  const [file, ...args] = argv
  if (file === undefined) throw new Error('runOnPipes needs a program')
  const { cwd, input } = options
  try {
    const child = spawn(file, args, {
      ...(cwd === undefined ? {} : { cwd }),
      env: options.env ?? minimalEnv(),
      detached: true,
      stdio: [input === undefined ? 'ignore' : 'pipe', pipes[0].writer, pipes[1].writer],
    })
    // One that ends without reading its input is judged by its exit code.
    child.stdin?.on('error', () => {})
    child.stdin?.end(input)
    return { child, ended: endingOf(child) }
  } catch (error) {
    return { ended: Promise.resolve({ exitCode: undefined, problem: messageOf(error) }) }
  } finally {
    for (const { writer } of pipes) closeSync(writer)
  }
}

const endingOf = (child: ChildProcess): Promise<Ended> =>
  new Promise(resolve => {
    child.once('error', error => resolve({ exitCode: undefined, problem: error.message }))
    child.once('exit', (code, signal) =>
      resolve(code === null ? { exitCode: undefined, problem: `ended by ${signal}` } : { exitCode: code }),
    )
  })

const endOf = (stream: Readable): Promise<void> => new Promise(resolve => stream.once('close', () => resolve()))
