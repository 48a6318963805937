/** The root on which Go programs are built: Debian stable, with Go from its backports. */

import type { Root } from '../roots/bootstrap-root.ts'
import { isBefore } from './product.ts'

/** The Go versions in the backports that are used, the oldest first. A newer one builds what asks for an older one. */
const versions = ['1.26', '1.27']

/** Undefined when there is none that is new enough. */
export function goRoot(wanted: string): Root | undefined {
  const version = versions.find(one => !isBefore(one, wanted))
  return version === undefined
    ? undefined
    : { suite: 'trixie-backports', packages: ['ca-certificates', `golang-${version}-go`] }
}

/** A glob for the shell, of the folder with the root's own go. */
export const goFolder = '/usr/lib/go-1.*/bin'
