/** An archive of a root with some programs of this machine, for sandboxes of tests. */
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { findTool } from '../../src/cli/machine/host-tools.ts'

/** `scripts`: path → content of further programs. */
export function makeSmallRoot(
  archive: string,
  programs: readonly string[],
  scripts: Readonly<Record<string, string>>,
): void {
  const root = mkdtempSync(join(tmpdir(), 'k8s-ha-root-'))
  try {
    for (const folder of ['bin', 'sbin', 'lib', 'lib64']) {
      mkdirSync(join(root, 'usr', folder), { recursive: true })
      symlinkSync(`usr/${folder}`, join(root, folder))
    }
    for (const program of programs) {
      const path = findTool(program)
      if (path === undefined) throw new Error(`this machine has no ${program}`)
      cpSync(realpathSync(path), join(root, 'usr/bin', program))
      for (const [library] of execFileSync('ldd', [path], { encoding: 'utf8' }).matchAll(/\/\S+/g))
        if (!existsSync(join(root, library))) {
          mkdirSync(dirname(join(root, library)), { recursive: true })
          cpSync(realpathSync(library), join(root, library))
        }
    }
    for (const [path, content] of Object.entries(scripts)) {
      mkdirSync(dirname(join(root, path)), { recursive: true })
      writeFileSync(join(root, path), content)
      chmodSync(join(root, path), 0o755)
    }
    mkdirSync(dirname(archive), { recursive: true })
    execFileSync('tar', ['--zstd', '-cf', archive, '-C', root, '.'])
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}
