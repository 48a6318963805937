/** Kubernetes: which versions can be used, and where they come from. */
import { sourceCommits } from '../kubernetes/build-script.ts'
import { goArchitecture } from './architecture.ts'
import { debianSource } from './debian-source.ts'
import { goModules } from './go-modules.ts'
import { officialFiles } from './official-files.ts'
import { isBefore, type Product } from './product.ts'
import { programNames } from './program-names.ts'

const oldest = '1.20'

/** What the word "default" means: the newest version on which everything was tried. */
const standard = { version: '1.36.3', otherwise: '1.20.2' }

export const kubernetes: Product = {
  name: 'Kubernetes',
  parameter: 'kubernetes',
  programs: programNames.kubernetes,
  example: standard.version,
  refusal: version =>
    isBefore(version, oldest) ? `it is too old; ${oldest} is the oldest that is known here` : undefined,
  meaning: word => (word === 'default' ? standard : undefined),
  places(version, { url, modules }) {
    // Debian's source is the one that has always been used for this version: its programs are the same everywhere.
    if (sourceCommits[version] !== undefined) return [debianSource('kubernetes', version)]
    const base = `${url}/v${version}/bin/linux/${goArchitecture()}`
    return [
      officialFiles({ base, programs: programNames.kubernetes.needed }),
      goModules({ product: 'kubernetes', module: 'k8s.io/kubernetes', version, modules }),
    ]
  },
}
