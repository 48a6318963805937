/** etcd: which versions can be used, and where they come from. */
import { goArchitecture } from './architecture.ts'
import { goModules } from './go-modules.ts'
import { officialArchive } from './official-archive.ts'
import { isBefore, type Product } from './product.ts'
import { programNames } from './program-names.ts'

const { etcd: programs } = programNames
const oldest = '3.5'

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
  places: (version, { url, modules }) => [
    officialArchive({
      base: `${url}/v${version}`,
      archive: `etcd-v${version}-linux-${goArchitecture()}.tar.gz`,
      digests: 'SHA256SUMS',
      programs: [...programs.needed, ...programs.extra],
    }),
    goModules({ product: 'etcd', module: 'go.etcd.io/etcd/server/v3', version, modules }),
  ],
}
