/** The source archives that this project builds from, pinned by their content. */
export interface SourceArchive {
  readonly name: string
  readonly version: string
  /** SHA-256 of the file, independent of its name and of where it comes from. */
  readonly sha256: string
  /** Names that the file may have in a folder of downloads, upstream's first. */
  readonly fileNames: readonly string[]
  /** Where upstream offers this very file. */
  readonly url?: string
  /** In the pool of a Debian mirror, below the mirror's own address. */
  readonly poolPath?: string
}

const keepalived = (version: string, sha256: string, inDebian: boolean): SourceArchive => {
  const debianName = `keepalived_${version}.orig.tar.gz`
  return {
    name: 'keepalived',
    version,
    sha256,
    fileNames: [`keepalived-${version}.tar.gz`, debianName],
    url: `https://www.keepalived.org/software/keepalived-${version}.tar.gz`,
    ...(inDebian ? { poolPath: `pool/main/k/keepalived/${debianName}` } : {}),
  }
}

/** Kubernetes comes from Debian's source package, which holds upstream's tree with all of vendor/. Upstream's own
 * archive of the tag is another file, made anew for each download. */
const kubernetes = (version: string, debianVersion: string, sha256: string): SourceArchive => {
  const debianName = `kubernetes_${debianVersion}.orig.tar.gz`
  return {
    name: 'kubernetes',
    version,
    sha256,
    fileNames: [debianName],
    poolPath: `pool/main/k/kubernetes/${debianName}`,
  }
}

export const sourceArchives: readonly SourceArchive[] = [
  keepalived('2.2.7', 'c61940d874154a560a54627ecf7ef47adebdf832164368d10bf242a4d9b7d49d', true),
  keepalived('2.2.8', '85882eb62974f395d4c631be990a41a839594a7e62fbfebcb5649a937a7a1bb6', false),
  keepalived('2.3.3', '2288c5c7609fa452782b7acefa19acce742d0204dc17f54d36da46b10f8b590c', true),
  keepalived('2.3.4', '6afd95ddb7d3e0d3b8b8e5b3a489144131b61a01b06d29e883d0c44acc8a36bf', true),
  kubernetes('1.20.2', '1.20.5+really1.20.2', 'b83c0780efb182d928dc63d46488a847f161f04e40a94b96bf5247dd671ecdfc'),
]

export const findSourceArchive = (name: string, version: string): SourceArchive | undefined =>
  sourceArchives.find(archive => archive.name === name && archive.version === version)
