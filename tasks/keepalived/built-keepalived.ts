/** keepalived as it was built: copied where a user wants it, and its manual pages. */
import { existsSync } from 'node:fs'
import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { failed, usage } from '../../src/platform/failure.ts'
import { runChecked } from '../../src/platform/processes/process.ts'
import { done, fail, ok, type Result } from '../../src/platform/result.ts'

/** The installation, absolute, as the workflow keepalived-build leaves it in the project. */
export function builtKeepalived(projectDir: string, version: string): Result<string> {
  const folder = join(projectDir, 'build', `keepalived-${version}`, 'sys')
  if (existsSync(join(folder, 'usr/sbin/keepalived'))) return ok(folder)
  return fail(
    failed(`keepalived ${version} is not built`, { try: `./k8s-ha flow keepalived-build --set keepalived=${version}` }),
  )
}

/** Copies the installation over a root folder, which is made when it is missing; what else is there stays. */
export async function installKeepalived(installation: string, dir: string): Promise<Result<void>> {
  await mkdir(dir, { recursive: true })
  const copied = await runChecked([
    'cp',
    '--recursive',
    '--preserve=mode,timestamps,links',
    '--',
    `${installation}/.`,
    dir,
  ])
  return copied.ok ? done : copied
}

/** The page's file for `man --local-file`; default: how to configure it. */
export async function manualPage(installation: string, page = 'keepalived.conf'): Promise<Result<string>> {
  const folder = join(installation, 'usr/share/man')
  const files = (await readdir(folder, { recursive: true })).filter(file => file.includes('/')).sort()
  const pages = new Map(files.map(file => [file.replace(/^.*\//, '').replace(/\.\d(\.gz)?$/, ''), join(folder, file)]))
  const found = pages.get(page)
  if (found !== undefined) return ok(found)
  return fail(usage(`keepalived has no manual page "${page}": there are ${[...pages.keys()].join(', ')}`))
}
