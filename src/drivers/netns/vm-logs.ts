/** A VM's logs: its /var/log is a folder of this machine, in every state of the VM. */
import { fstatSync } from 'node:fs'
import { join } from 'node:path'
import { StringDecoder } from 'node:string_decoder'
import { sleep } from '../../platform/clock.ts'
import { entriesOf } from '../../platform/folder-entries.ts'
import type { Logs } from '../driver.ts'
import { bytesOf, copyFiles, withFile } from './vm-files.ts'

const ending = '.log'
const lookEveryMs = 100

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
    const text = withFile(this.#path(name), (file, size) =>
      Buffer.concat([...bytesOf(file, Math.max(0, size - lastBytes), size)]).toString('utf8'),
    )
    return text ?? ''
  }

  async follow(name: string, onText: (text: string) => void, signal: AbortSignal): Promise<void> {
    const decoder = new StringDecoder('utf8')
    let at = 0
    let inode: number | undefined
    while (!signal.aborted) {
      withFile(this.#path(name), (file, size) => {
        const { ino } = fstatSync(file)
        // Another file took its place, or it begins anew.
        if (ino !== inode || size < at) at = 0
        inode = ino
        for (const piece of bytesOf(file, at, size)) {
          if (signal.aborted) return
          at += piece.length
          onText(decoder.write(Buffer.from(piece)))
        }
      })
      await sleep(lookEveryMs, signal).catch(() => undefined)
    }
  }

  async copyTo(folder: string): Promise<boolean> {
    if (this.#entries().length === 0) return false
    copyFiles(this.folder, folder)
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
