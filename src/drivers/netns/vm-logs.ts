/** A VM's logs: its /var/log is a folder of this machine, in every state of the VM. */
import { closeSync, cpSync, existsSync, fstatSync, openSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { entriesOf } from '../../platform/folder-entries.ts'
import { runProcess } from '../../platform/processes/process.ts'
import type { Logs } from '../driver.ts'

const ending = '.log'

export class VmLogs implements Logs {
  readonly folder: string

  constructor(stateDir: string, vm: string) {
    this.folder = join(stateDir, 'vms', vm, 'disk/var/log')
  }

  async names(): Promise<readonly string[]> {
    return this.#entries()
      .filter(name => name.endsWith(ending))
      .map(name => name.slice(0, -ending.length))
      .sort()
  }

  async read(name: string, lastBytes = Number.POSITIVE_INFINITY): Promise<string> {
    if (!existsSync(this.#path(name))) return ''
    const file = openSync(this.#path(name), 'r')
    try {
      const { size } = fstatSync(file)
      const buffer = Buffer.alloc(Math.min(size, lastBytes))
      const length = readSync(file, buffer, 0, buffer.length, size - buffer.length)
      return buffer.toString('utf8', 0, length)
    } finally {
      closeSync(file)
    }
  }

  async follow(name: string, onText: (text: string) => void, signal: AbortSignal): Promise<void> {
    const argv = ['tail', '--lines=+1', '--follow=name', '--retry', `--pid=${process.pid}`, '--', this.#path(name)]
    const onOutput = (text: string, stream: 'stdout' | 'stderr') => stream === 'stdout' && onText(text)
    await runProcess(argv, { signal, collect: false, onOutput, graceMs: 0 })
  }

  async copyTo(folder: string): Promise<boolean> {
    if (this.#entries().length === 0) return false
    cpSync(this.folder, folder, { recursive: true })
    return true
  }

  #entries(): readonly string[] {
    // A VM that never booted has none.
    return entriesOf(this.folder)
  }

  #path(name: string): string {
    return join(this.folder, `${name}${ending}`)
  }
}
