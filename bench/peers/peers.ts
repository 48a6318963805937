/** All peers: installed, or named with the reason why they are not. */
import { availableParallelism } from 'node:os'
import { type InstalledProgram, installProgram } from './debian-packages.ts'
import { make, ninja } from './makers.ts'
import { moon } from './moon.ts'
import { type InstalledPackage, installPackage } from './npm-packages.ts'
import { nx } from './nx.ts'
import type { AbsentPeer, Peer } from './peer.ts'
import { turborepo } from './turborepo.ts'
import { wireit } from './wireit.ts'

export interface Peers {
  readonly present: readonly Peer[]
  readonly absent: readonly AbsentPeer[]
}

/** `folder`: where npm's are installed. */
export function installPeers(folder: string, env: Readonly<Record<string, string>>): Peers {
  const fromNpm = (name: string, version: string, ...kinds: ((installed: InstalledPackage) => Peer)[]) => {
    const installed = installPackage(folder, [name, version], env)
    if (typeof installed === 'string') return [{ name: `${name} ${version}`, because: installed }]
    return kinds.map(kind => kind(installed))
  }
  const fromDebian = (program: string, packageName: string, kind: (installed: InstalledProgram) => Peer) => {
    const installed = installProgram(program, packageName, env)
    return typeof installed === 'string' ? { name: program, because: installed } : kind(installed)
  }
  const all: readonly (Peer | AbsentPeer)[] = [
    // The last one whose `run` asks its daemon, and today's, which has none for it.
    ...fromNpm('turbo', '2.8.10', one => turborepo(one, { daemon: true })),
    ...fromNpm(
      'turbo',
      '2.11.11',
      one => turborepo(one, { daemon: false }),
      one => turborepo(one, { daemon: false, native: true }),
    ),
    ...fromNpm('wireit', '0.14.13', wireit),
    ...fromNpm('nx', '24.0.6', nx),
    ...fromNpm('@moonrepo/cli', '2.5.5', moon),
    fromDebian('ninja', 'ninja-build', ninja),
    fromDebian('make', 'make', one => make(one, availableParallelism())),
  ]
  return {
    present: all.filter(peer => 'run' in peer),
    absent: all.filter(peer => 'because' in peer),
  }
}
