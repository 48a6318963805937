/** A project, a cache folder and a small root for tests of the sandbox, removed afterwards. */
import { lstatSync, mkdirSync, mkdtempSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { TestContext } from 'node:test'
import { runSandboxed, type SandboxedCommand, type SandboxedOutput } from '../../src/sandbox/run-sandboxed.ts'

export interface Fixture {
  readonly dir: string
  readonly projectDir: string
  readonly cacheDir: string
  /** A root that holds nothing but the host's programs, mounted. */
  readonly rootDir: string
  write(path: string, content: string): void
  /** Runs a bash script at /project; fails the test when the sandbox itself fails. */
  run(script: string, options?: Partial<SandboxedCommand>): Promise<SandboxedOutput>
  command(script: string, options?: Partial<SandboxedCommand>): SandboxedCommand
}

export const programs = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' }

export function sandboxFixture(t: TestContext): Fixture {
  const dir = mkdtempSync(join(tmpdir(), 'k8s-ha-sandbox-'))
  t.after(() => rmSync(dir, { recursive: true, force: true }))
  const [projectDir, cacheDir, rootDir] = [join(dir, 'project'), join(dir, 'cache'), join(dir, 'root')]
  for (const folder of [projectDir, cacheDir, join(rootDir, 'usr')]) mkdirSync(folder, { recursive: true })
  for (const name of ['bin', 'sbin', 'lib', 'lib64'])
    if (lstatSync(`/${name}`, { throwIfNoEntry: false })?.isSymbolicLink())
      symlinkSync(readlinkSync(`/${name}`), join(rootDir, name))
  const fixture: Fixture = {
    dir,
    projectDir,
    cacheDir,
    rootDir,
    write(path, content) {
      mkdirSync(dirname(join(projectDir, path)), { recursive: true })
      writeFileSync(join(projectDir, path), content)
    },
    command: (script, options = {}) => ({
      argv: ['bash', '-euc', script],
      env: programs,
      layers: [rootDir],
      mounts: [{ from: '/usr', to: '/usr', writable: false }],
      project: { dir: projectDir, at: '/project', inputs: [], outputs: [] },
      network: false,
      cacheDir,
      ...options,
    }),
    async run(script, options) {
      const result = await runSandboxed(fixture.command(script, options))
      if (!result.ok) throw new Error(JSON.stringify(result.failure))
      return result.value
    },
  }
  return fixture
}
