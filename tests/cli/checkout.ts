/** A copy of this checkout in a temporary folder, whose sources a test may change. */
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

const root = join(import.meta.dirname, '../..')
const parts = ['k8s-ha', 'package.json', 'package-lock.json', 'scripts', 'src', 'tasks']

export interface CheckoutOptions {
  /** False: as after `git clone`. */
  readonly installed: boolean
}

interface Ending {
  after(action: () => void): void
}

/** Its path; removed when the test has ended. */
export function copyCheckout(context: Ending, { installed }: CheckoutOptions): string {
  const folder = mkdtempSync(join(tmpdir(), 'k8s-ha-checkout-'))
  context.after(() => rmSync(folder, { recursive: true, force: true }))
  for (const part of parts) cpSync(join(root, part), join(folder, part), { recursive: true, preserveTimestamps: true })
  if (installed) symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  return folder
}

export function write(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
}

/** What `--version` prints. */
export const version = /^k8s-ha \d+\.\d+\.\d+ \(Node\.js v24\.[\d.]+\)\n$/
