/** Kubernetes: which versions can be used, and where they come from. */
import { defaultVersion, fallbackVersion, refusalOf, warningOf } from '../../src/cluster/kubernetes/versions.ts'
import { sourceCommits } from '../kubernetes/build-script.ts'
import { goArchitecture } from './architecture.ts'
import { debianSource } from './debian-source.ts'
import { goModules } from './go-modules.ts'
import { officialFiles } from './official-files.ts'
import type { Product } from './product.ts'
import { programNames } from './program-names.ts'

export const kubernetes: Product = {
  name: 'Kubernetes',
  parameter: 'kubernetes',
  programs: programNames.kubernetes,
  example: defaultVersion,
  refusal: refusalOf,
  warning: warningOf,
  standard: () => ({ version: defaultVersion, otherwise: fallbackVersion }),
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
