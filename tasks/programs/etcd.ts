/** etcd: which versions can be used, and where they come from. */
import { traitsOf } from '../../src/cluster/kubernetes/versions.ts'
import { goArchitecture } from './architecture.ts'
import { goModules } from './go-modules.ts'
import { officialArchive } from './official-archive.ts'
import { isBefore, type Product, type ProgramPlace } from './product.ts'
import { programNames } from './program-names.ts'

const { etcd: programs } = programNames
const oldest = '3.5'

/** VMs have it without a layer of their own. */
const vmImage: ProgramPlace = { name: 'the VM image', origin: 'image', get: async () => undefined }

export const etcd: Product = {
  name: 'etcd',
  parameter: 'etcd',
  programs,
  example: '3.6.16',
  isInImage: true,
  refusal: version =>
    isBefore(version, oldest)
      ? `it is too old; ${oldest} is the oldest that is known here, besides that of the VM image ("image")`
      : undefined,
  standard(kubernetes) {
    const { etcd: version } = traitsOf(kubernetes)
    return version === 'image' ? { version } : { version, otherwise: 'image' }
  },
  places(version, { url, modules }) {
    if (version === 'image') return [vmImage]
    return [
      officialArchive({
        base: `${url}/v${version}`,
        archive: `etcd-v${version}-linux-${goArchitecture()}.tar.gz`,
        digests: 'SHA256SUMS',
        programs: [...programs.needed, ...programs.extra],
      }),
      goModules({ product: 'etcd', module: 'go.etcd.io/etcd/server/v3', version, modules }),
    ]
  },
}
