/** What programs of VMs in memory do and log: a test answers for them. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { sleep } from '../../platform/clock.ts'
import { failed } from '../../platform/failure.ts'
import { fail, ok, type Result } from '../../platform/result.ts'
import type { ExecOptions, Logs, Output } from '../driver.ts'

export interface Call<Vm> {
  readonly argv: readonly string[]
  /** Undefined: a client runs it. */
  readonly vm: Vm | undefined
  /** All of the cluster. */
  readonly vms: readonly Vm[]
  readonly input: string
  /** What a program on real VMs finds at `secretPath`. */
  readonly secret: string
  /** Aborts when something else than its end ends the program. */
  readonly signal: AbortSignal
  /** Prints at once; what is returned is printed at the end. */
  readonly print: (text: string, stream?: 'stdout' | 'stderr') => void
}

/** What is left out of its output is empty, or 0. */
export type Program<Vm> = (call: Call<Vm>) => Partial<Output> | Promise<Partial<Output>>

interface Place<Vm> extends Pick<Call<Vm>, 'vms'> {
  readonly vm?: Vm
  /** By the first word of a command line. */
  readonly programs: ReadonlyMap<string, Program<Vm>>
  /** Aborts when the power goes. */
  readonly power?: AbortSignal
  /** Resolves when the VM does not stand still. */
  readonly goesOn?: () => Promise<void>
}

/** Ends with the program, when its time is over, when the caller aborts, or when the power goes. */
export async function runProgram<Vm>(argv: readonly string[], options: ExecOptions, place: Place<Vm>) {
  const { timeoutMs, signal, input = '', secret = '', onOutput } = options
  const { vm, vms, power, goesOn = async () => {} } = place
  const name = argv.join(' ')
  const printed = { stdout: '', stderr: '' }
  const print = (text: string, stream: 'stdout' | 'stderr' = 'stdout') => {
    if (onOutput && text !== '') onOutput(text, stream)
    else printed[stream] += text
  }
  const ended = new AbortController()
  const { promise, resolve, reject } = Promise.withResolvers<Result<Output>>()
  const onAbort = () => resolve(fail({ kind: 'interrupted', message: `Interrupted: ${name}` }))
  const onPowerOff = () => resolve(fail(failed(`Cannot run "${name}": ended by SIGKILL`)))
  const onTimeout = () => resolve(fail(failed(`Cannot finish "${name}": it was still running after ${timeoutMs} ms`)))
  const run = async (): Promise<Result<Output>> => {
    await goesOn()
    const program = place.programs.get(argv[0] ?? '')
    const output = await program?.({ argv, vm, vms, input, secret, signal: ended.signal, print })
    await goesOn()
    print(output?.stdout ?? '')
    print(output ? (output.stderr ?? '') : `${argv[0]}: not found\n`, 'stderr')
    return ok({ exitCode: output ? (output.exitCode ?? 0) : 127, ...printed })
  }
  signal?.addEventListener('abort', onAbort)
  power?.addEventListener('abort', onPowerOff)
  if (signal?.aborted) onAbort()
  else run().then(resolve, reject)
  if (timeoutMs > 0) void sleep(timeoutMs, ended.signal).then(onTimeout, () => undefined)
  return promise.finally(() => {
    ended.abort()
    signal?.removeEventListener('abort', onAbort)
    power?.removeEventListener('abort', onPowerOff)
  })
}

export class FakeLogs implements Logs {
  readonly #texts = new Map<string, string>()
  readonly #followers = new Set<(name: string, text: string) => void>()

  append(name: string, text: string): void {
    this.#texts.set(name, (this.#texts.get(name) ?? '') + text)
    for (const follower of this.#followers) follower(name, text)
  }

  async names(): Promise<readonly string[]> {
    return [...this.#texts.keys()].sort()
  }

  async read(name: string, lastBytes = Number.POSITIVE_INFINITY): Promise<string> {
    const bytes = Buffer.from(this.#texts.get(name) ?? '')
    return bytes.toString('utf8', Math.max(0, bytes.length - lastBytes))
  }

  async follow(name: string, onText: (text: string) => void, signal: AbortSignal): Promise<void> {
    const follower = (which: string, text: string) => which === name && onText(text)
    onText(await this.read(name))
    this.#followers.add(follower)
    if (!signal.aborted) await new Promise(resolve => signal.addEventListener('abort', resolve, { once: true }))
    this.#followers.delete(follower)
  }

  async copyTo(folder: string): Promise<boolean> {
    if (this.#texts.size > 0) mkdirSync(folder, { recursive: true })
    for (const [name, text] of this.#texts) writeFileSync(join(folder, `${name}.log`), text)
    return this.#texts.size > 0
  }
}
