/**
 * Which projects are the user's own: their files belong to the user (or to root, or to the user who called sudo), and
 * they are no clone. The user owns all files of a clone, also those that somebody else wrote; only that it has another
 * repository to pull from shows where they came from.
 */
import { lstatSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { withoutCredentials } from '../../engine/remote/remote-address.ts'
import { entriesOf } from '../../platform/folder-entries.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/** In words that follow "a project that was not trusted yet"; undefined: it is the user's own. */
export function whyForeign(projectDir: string, environment: Environment): string | undefined {
  const stranger = filesOf(projectDir).find(path => !isOwn(path, environment))
  if (stranger !== undefined) return `${stranger} belongs to another user`
  const origin = originOf(projectDir)
  return origin === undefined ? undefined : `it came from ${origin}`
}

/** Everything that is read of it before it runs. */
export function filesOf(projectDir: string): readonly string[] {
  const folders = [projectDir, join(projectDir, 'workflows'), join(projectDir, 'workflows/parts')]
  const workflows = folders.slice(1).flatMap(folder => entriesOf(folder).map(name => join(folder, name)))
  return [...folders, join(projectDir, 'k8s-ha.yaml'), ...workflows]
}

/** What is not there is nobody else's. */
export function isOwn(path: string, { SUDO_UID }: Environment): boolean {
  const user = process.getuid?.() ?? 0
  const owners = [0, user, ...(user === 0 && /^\d+$/.test(SUDO_UID ?? '') ? [Number(SUDO_UID)] : [])]
  const stats = [lstatSync(path, { throwIfNoEntry: false }), statSync(path, { throwIfNoEntry: false })]
  return stats.every(stat => stat === undefined || owners.includes(stat.uid))
}

/** The place that a working copy above or in the folder was fetched from. */
function originOf(folder: string): string | undefined {
  for (let at = folder; ; at = dirname(at)) {
    const origin = remoteOfGit(join(at, '.git')) ?? remoteOfMercurial(join(at, '.hg'))
    if (origin !== undefined) return withoutCredentials(origin)
    if (statSync(join(at, '.svn'), { throwIfNoEntry: false })) return 'a Subversion repository'
    if (at === dirname(at)) return undefined
  }
}

/** Read, not asked: git itself would run what the repository's configuration names. */
function remoteOfGit(git: string): string | undefined {
  const [, elsewhere] = /^gitdir: *(.+)$/m.exec(textOf(git)) ?? []
  const own = elsewhere === undefined ? git : resolve(dirname(git), elsewhere)
  const common = textOf(join(own, 'commondir')).trim()
  const config = textOf(join(common === '' ? own : resolve(own, common), 'config'))
  const [, section] = /^[ \t]*\[remote[ \t]+"[^\n]*\n([^[]*)/im.exec(config) ?? []
  return section === undefined ? undefined : (/^\s*url\s*=\s*(.+?)\s*$/m.exec(section)?.[1] ?? 'another repository')
}

function remoteOfMercurial(hg: string): string | undefined {
  return /^\s*default\s*=\s*(.+?)\s*$/m.exec(textOf(join(hg, 'hgrc')))?.[1]
}

/** Empty when there is no such file. */
function textOf(path: string): string {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ? readFileSync(path, 'utf8') : ''
}
