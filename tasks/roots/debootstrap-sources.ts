/** The lines of a sources.list with which a root of a Debian suite is made, on the mirrors that this machine uses. */
import type { AptRepository } from '../sources/apt-repositories.ts'

const pockets = ['', '-updates', '-security']

/**
 * The machine's own Debian repositories when it runs that suite; else its mirrors' addresses with that suite's names.
 * Only the component main. Empty when apt knows no mirror.
 */
export function debootstrapSources(suite: string, repositories: readonly AptRepository[]): readonly string[] {
  const debian = debianOnly(repositories.filter(({ component }) => component === 'main'))
  const own = debian.filter(repository => split(repository.suite).release === suite)
  const lines = (own.length > 0 ? own : debian).map(
    repository => `deb ${repository.uri} ${suite}${split(repository.suite).pocket} main`,
  )
  return [...new Set(lines)]
}

/**
 * Others put packages for Debian's releases on servers of their own, signed with keys of their own ("bookworm main").
 * Debian's mirrors are those that have a release's updates too; where none is set up like that, there is nothing to
 * tell them by.
 */
function debianOnly(repositories: readonly AptRepository[]): readonly AptRepository[] {
  const usable = repositories.filter(({ suite }) => pockets.includes(split(suite).pocket))
  const mirrors = new Set(usable.filter(({ suite }) => split(suite).pocket === '-updates').map(({ uri }) => uri))
  if (mirrors.size === 0) return usable
  return usable.filter(({ uri, suite }) => mirrors.has(uri) || split(suite).pocket === '-security')
}

/** "bookworm-security" → bookworm, -security. */
function split(suite: string): { readonly release: string; readonly pocket: string } {
  const [, release = suite, pocket = ''] = /^([^-]+)(-.+)?$/.exec(suite) ?? []
  return { release, pocket }
}
