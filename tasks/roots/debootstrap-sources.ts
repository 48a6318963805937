/** The lines of a sources.list with which a root of a Debian suite is made, on the mirrors that this machine uses. */
import type { AptRepository } from '../sources/apt-repositories.ts'

const pockets = ['', '-updates', '-security']

/**
 * The machine's own Debian repositories when it runs that suite; else its mirrors' addresses with that suite's names.
 * Only the component main. "trixie-backports": trixie, and its backports from the same mirrors. apt takes a package
 * from there that trixie does not have; of the others it prefers trixie's. Empty when apt knows no mirror.
 */
export function debootstrapSources(suite: string, repositories: readonly AptRepository[]): readonly string[] {
  const wanted = splitSuite(suite)
  const debian = debianOnly(repositories.filter(({ component }) => component === 'main'))
  const own = debian.filter(repository => splitSuite(repository.suite).release === wanted.release)
  const used = own.length > 0 ? own : debian
  const releases = used.filter(repository => splitSuite(repository.suite).pocket === '')
  return [
    ...new Set([
      ...used.map(({ uri, suite }) => `deb ${uri} ${wanted.release}${splitSuite(suite).pocket} main`),
      ...(wanted.pocket === '' ? [] : releases.map(({ uri }) => `deb ${uri} ${suite} main`)),
    ]),
  ]
}

/**
 * Others put packages for Debian's releases on servers of their own, signed with keys of their own ("bookworm main").
 * Debian's mirrors are those that have a release's updates too; where none is set up like that, there is nothing to
 * tell them by.
 */
function debianOnly(repositories: readonly AptRepository[]): readonly AptRepository[] {
  const usable = repositories.filter(({ suite }) => pockets.includes(splitSuite(suite).pocket))
  const mirrors = new Set(usable.filter(({ suite }) => splitSuite(suite).pocket === '-updates').map(({ uri }) => uri))
  if (mirrors.size === 0) return usable
  return usable.filter(({ uri, suite }) => mirrors.has(uri) || splitSuite(suite).pocket === '-security')
}

/** "bookworm-security" → bookworm, -security. */
export function splitSuite(suite: string): { readonly release: string; readonly pocket: string } {
  const [, release = suite, pocket = ''] = /^([^-]+)(-.+)?$/.exec(suite) ?? []
  return { release, pocket }
}
