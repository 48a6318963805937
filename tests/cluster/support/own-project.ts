/** A project of its own beside the checkout, with the same workflows, settings and builds, for tests that change them. */
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cacheDir, checkout } from './run-cli.ts'

/** The pins are part of fingerprints: without them the builds would be others. */
const parts = ['workflows', 'overlay', 'patches', 'k8s-ha.yaml', 'tasks/etcd/modules', 'tasks/kubernetes/modules']

/** How the paths of all of them begin. */
export const ownProjects = join(tmpdir(), 'k8s-ha-own-')

export class OwnProject {
  readonly dir = mkdtempSync(ownProjects)
  /** Makes any command act on this project. */
  readonly options: readonly string[] = ['--project', this.dir, '--cache-dir', cacheDir]

  constructor() {
    for (const part of parts)
      if (existsSync(join(checkout, part))) cpSync(join(checkout, part), join(this.dir, part), { recursive: true })
  }

  path(name: string): string {
    return join(this.dir, name)
  }

  /** Fails when the text to be replaced is not there. */
  edit(name: string, from: string, to: string): void {
    const text = readFileSync(this.path(name), 'utf8')
    if (!text.includes(from)) throw new Error(`${name} has no ${JSON.stringify(from)}`)
    writeFileSync(this.path(name), text.replaceAll(from, to))
  }

  remove(): void {
    rmSync(this.dir, { recursive: true, force: true })
  }
}
