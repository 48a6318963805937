import assert from 'node:assert/strict'
import { test } from 'node:test'
import { debootstrapSources } from '../../tasks/roots/debootstrap-sources.ts'
import { parseIndexTargets } from '../../tasks/sources/apt-repositories.ts'

const bookworm = parseIndexTargets(`Packages|http://mirror.example/debian/|bookworm|main
Translations|http://mirror.example/debian/|bookworm|main
Packages|http://mirror.example/debian/|bookworm|contrib
Packages|http://mirror.example/debian/|bookworm-updates|main
Packages|http://mirror.example/debian/|bookworm-backports|main
Packages|http://mirror.example/debian-security/|bookworm-security|main
Packages|http://other.example/node/|nodistro|main
Packages|http://other.example/tools/|bookworm|main
`)

test('a root of the suite that the machine runs is made from its own repositories', () => {
  assert.deepEqual(debootstrapSources('bookworm', bookworm), [
    'deb http://mirror.example/debian bookworm main',
    'deb http://mirror.example/debian bookworm-updates main',
    'deb http://mirror.example/debian-security bookworm-security main',
  ])
})

test('a root of another suite is made from the same mirrors', () => {
  assert.deepEqual(debootstrapSources('trixie', bookworm), [
    'deb http://mirror.example/debian trixie main',
    'deb http://mirror.example/debian trixie-updates main',
    'deb http://mirror.example/debian-security trixie-security main',
  ])
})

test('a suite with backports brings them from the mirrors that have the release', () => {
  assert.deepEqual(debootstrapSources('trixie-backports', bookworm), [
    'deb http://mirror.example/debian trixie main',
    'deb http://mirror.example/debian trixie-updates main',
    'deb http://mirror.example/debian-security trixie-security main',
    'deb http://mirror.example/debian trixie-backports main',
  ])
  assert.deepEqual(
    debootstrapSources('bookworm-backports', bookworm).at(-1),
    'deb http://mirror.example/debian bookworm-backports main',
  )
})

test('without a mirror there is nothing to make a root from', () => {
  assert.deepEqual(debootstrapSources('bookworm', parseIndexTargets('')), [])
})

test('a machine that has a release and nothing else can be used', () => {
  const plain = parseIndexTargets('Packages|file:/srv/debian|bookworm|main')
  assert.deepEqual(debootstrapSources('bookworm', plain), ['deb file:/srv/debian bookworm main'])
})
