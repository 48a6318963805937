/** What `k8s-ha --version` prints: the version, and the commit of a checkout. */
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { packageRoot } from '../platform/package-root.ts'

export function versionText(): string {
  const manifest: unknown = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8'))
  const version = manifest instanceof Object && 'version' in manifest ? String(manifest.version) : 'unknown'
  const commit = commitOf(packageRoot)
  return `k8s-ha ${version}${commit === undefined ? '' : `, commit ${commit.slice(0, 12)}`} (Node.js ${process.version})`
}

/** From git's own files: there may be no git here. Undefined for what is no checkout. */
export function commitOf(root: string): string | undefined {
  try {
    const gitDir = gitDirOf(root)
    const head = readFileSync(join(gitDir, 'HEAD'), 'utf8').trim()
    const ref = /^ref: (.*)$/.exec(head)?.[1]
    return ref === undefined ? head : refIn(gitDir, ref)
  } catch {
    return undefined
  }
}

/** Of a work tree, `.git` is a file that names it. */
function gitDirOf(root: string): string {
  const dotGit = join(root, '.git')
  try {
    const named = /^gitdir: (.*)$/m.exec(readFileSync(dotGit, 'utf8'))?.[1]
    return named === undefined ? dotGit : resolve(root, named)
  } catch {
    return dotGit
  }
}

function refIn(gitDir: string, ref: string): string | undefined {
  const common = resolve(gitDir, textOf(join(gitDir, 'commondir'))?.trim() ?? '.')
  const loose = textOf(join(gitDir, ref)) ?? textOf(join(common, ref))
  if (loose !== undefined) return loose.trim()
  const packed = textOf(join(common, 'packed-refs')) ?? ''
  return packed
    .split('\n')
    .find(line => line.endsWith(` ${ref}`))
    ?.split(' ')[0]
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}
