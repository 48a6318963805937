/** The lines of a sources.list with which a root of a Debian suite is made, on the mirrors that this machine uses. */
import type { AptRepository } from '../sources/apt-repositories.ts'

/**
 * The machine's own repositories when it runs that suite; else its mirrors' addresses with that suite's names. Only the
 * component main. Empty when apt knows no mirror.
 */
export function debootstrapSources(suite: string, repositories: readonly AptRepository[]): readonly string[] {
  const main = repositories.filter(({ component }) => component === 'main')
  const own = main.filter(repository => baseOf(repository.suite) === suite)
  if (own.some(repository => repository.suite === suite))
    return unique(own.map(repository => `deb ${repository.uri} ${repository.suite} main`))
  const lines = main.flatMap(repository => {
    const pocket = pocketOf(repository.suite)
    return pocket === undefined ? [] : [`deb ${repository.uri} ${suite}${pocket} main`]
  })
  return unique(lines)
}

/** "" for a release itself; undefined for what is left out (backports, proposed-updates). */
const pocketOf = (suite: string): string | undefined => {
  const [, pocket = ''] = /^[a-z]+(-.+)?$/.exec(suite) ?? []
  return pocket === '' || pocket === '-updates' || pocket === '-security' ? pocket : undefined
}

const baseOf = (suite: string): string | undefined => {
  const pocket = pocketOf(suite)
  return pocket === undefined ? undefined : suite.slice(0, suite.length - pocket.length)
}

const unique = (lines: readonly string[]): readonly string[] => [...new Set(lines)]
