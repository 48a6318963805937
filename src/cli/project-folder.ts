/** Which folder a command works in: the project that is asked for, the nearest one, or the program's own checkout. */
import { existsSync, realpathSync, statSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { isWorkflowFile } from '../engine/load/find-workflow.ts'
import { usage } from '../platform/failure.ts'
import { packageRoot } from '../platform/package-root.ts'
import { fail, ok, type Result } from '../platform/result.ts'
import type { Invocation } from './command.ts'

/** `workflows`: the names or files that the command is given, if it takes some. */
export function projectFolder({ options, environment, cwd }: Invocation, workflows: readonly string[]): Result<string> {
  const asked = options.text('project') ?? environment.K8S_HA_PROJECT
  if (asked !== undefined && asked !== '') {
    const folder = existingFolder(resolve(cwd, asked))
    return folder === undefined
      ? fail(usage(`Cannot open the project "${asked}": there is no such folder`))
      : ok(folder)
  }
  const nearest = nearestProject(realpathSync(cwd))
  // The first file says where several are run.
  const workflow = workflows.find(isWorkflowFile)
  if (workflow === undefined) return ok(nearest ?? packageRoot)
  const folder = existingFolder(dirname(resolve(cwd, workflow)))
  if (folder === undefined) return fail(usage(`Cannot read the workflow file "${workflow}": there is no such file`))
  // A file from elsewhere would have its outputs in the midst of the program, in whichever folder the user is.
  const isForeign = nearest !== undefined && isOwnCheckout(nearest) && !isBelow(folder, nearest)
  return ok((isForeign ? undefined : nearest) ?? nearestProject(folder) ?? folder)
}

/** Upwards from a folder; undefined when there is none. */
export function nearestProject(from: string): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    if (
      ['k8s-ha.yaml', 'k8s-ha.yml'].some(name => existsSync(join(folder, name))) ||
      existingFolder(join(folder, 'workflows')) !== undefined
    )
      return folder
    if (folder === dirname(folder)) return undefined
  }
}

/** Without links; undefined when there is none. */
const existingFolder = (path: string): string | undefined =>
  statSync(path, { throwIfNoEntry: false })?.isDirectory() ? realpathSync(path) : undefined

/** What the program consists of, and what it cannot do without, at the top of its checkout. */
export const programNames: readonly string[] = [
  ...['.ci', '.git', '.gitignore', 'bench', 'biome.json', 'cache', 'CHANGELOG.md', 'CONTRIBUTING.md', 'dist', 'docs'],
  ...['k8s-ha', 'LICENSE', 'node_modules', 'overlay', 'package-lock.json', 'package.json', 'patches', 'README.md'],
  ...['scripts', 'SECURITY.md', 'src', 'tasks', 'tests', 'tsconfig.json', 'workflows'],
]

/** Where the program itself lies in a project, relative to the project. */
export function programFiles(projectDir: string): readonly string[] {
  if (isOwnCheckout(projectDir)) return programNames
  return isBelow(packageRoot, projectDir) ? [relative(projectDir, packageRoot)] : []
}

/** By its identity: a folder may be mounted at several paths. */
export function isOwnCheckout(folder: string): boolean {
  const [one, other] = [statSync(folder), statSync(packageRoot)]
  return one.dev === other.dev && one.ino === other.ino
}

const isBelow = (path: string, folder: string): boolean => path === folder || path.startsWith(`${folder}/`)
