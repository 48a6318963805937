/** A program that was started and goes on: what it prints, on either stream, and how it ends. */
import type { ChildProcess } from 'node:child_process'
import { type StartOptions, startCli } from './run-cli.ts'

export class StartedCli {
  readonly child: ChildProcess
  readonly ended: Promise<number | null>
  text = ''

  constructor(argv: readonly string[], options: StartOptions = {}) {
    this.child = startCli(argv, options)
    this.ended = new Promise(resolve => this.child.on('close', resolve))
    for (const stream of [this.child.stdout, this.child.stderr])
      stream?.setEncoding('utf8').on('data', piece => {
        this.text += piece
      })
  }

  /** Rejects when it ends without. */
  says(what: RegExp): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = () => {
        if (what.test(this.text)) resolve()
      }
      this.child.on('close', () => reject(new Error(`the run ended before it said ${what}:\n${this.text}`)))
      for (const stream of [this.child.stdout, this.child.stderr]) stream?.on('data', look)
      look()
    })
  }

  /** With all that it started itself. */
  async kill(): Promise<void> {
    process.kill(-(this.child.pid ?? 0), 'SIGKILL')
    await this.ended
  }
}
