/**
 * Pipes for what programs print. Node.js gives its children sockets, which nobody can open by a path: `> /dev/stdout`
 * and `tee /dev/stderr` fail there. A named pipe can be opened again, also when its name is gone.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, constants, openSync } from 'node:fs'
import { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { temporaryName } from '../files.ts'

export interface OutputPipe {
  /** What the program prints; it ends when nobody has the pipe open for writing. */
  readonly reader: Socket
  /** For the child's descriptor; the caller closes it once the child is started. */
  readonly writer: number
}

/** Of one program. */
export interface OutputPipes {
  readonly stdout: OutputPipe
  readonly stderr: OutputPipe
}

interface Ends {
  readonly reader: number
  readonly writer: number
}

/** Made at a time, as each time costs a process. */
const stockSize = 8
const stock: Ends[] = []
let making: Promise<void> | undefined

/** Undefined where none can be made: a full /tmp, too many open files. Then sockets must do. */
export async function takeOutputPipes(): Promise<OutputPipes | undefined> {
  for (let tries = 0; stock.length < 2; tries++) {
    if (tries > stockSize) return undefined
    making ??= makeStock().finally(() => {
      making = undefined
    })
    await making
  }
  const [stdout, stderr] = stock.splice(-2)
  return stdout && stderr ? { stdout: opened(stdout), stderr: opened(stderr) } : undefined
}

function opened({ reader, writer }: Ends): OutputPipe {
  const socket = new Socket({ fd: reader, readable: true, writable: false })
  socket.on('error', () => {})
  return { reader: socket, writer }
}

/**
 * Makes named pipes, for everyone who gets hold of one, as a task may go on as another user; says so, and removes their
 * names when its input ends: also when the process that they are for is killed, and nobody hears what it says.
 */
const pipeMaker = 'trap "" PIPE; mkdir -m 700 "$0" || exit; mkfifo -m 622 "$@" && echo; read -r _; rm -rf "$0"'

async function makeStock(): Promise<void> {
  const folder = join(tmpdir(), `k8s-ha-pipes-${temporaryName()}`)
  const paths = Array.from({ length: stockSize }, (_, at) => join(folder, String(at)))
  let maker: ChildProcess | undefined
  try {
    // Not in the group of this process: whatever ends that ends it, too.
    maker = spawn('sh', ['-c', pipeMaker, folder, ...paths], { stdio: ['pipe', 'pipe', 'ignore'], detached: true })
    maker.stdin?.on('error', () => {})
    await Promise.race([maker.stdout && once(maker.stdout, 'data'), once(maker, 'exit')])
    for (const path of paths) stock.push(endsOf(path))
  } catch {
  } finally {
    // Opened, they need no names any more.
    maker?.stdin?.end()
  }
}

/** The reader first, and without waiting for a writer, as there is none yet. */
function endsOf(path: string): Ends {
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    return { reader, writer: openSync(path, constants.O_WRONLY) }
  } catch (error) {
    closeSync(reader)
    throw error
  }
}
