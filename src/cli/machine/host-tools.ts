/** Programs of the host that tasks start, and the Debian package that brings each. */
import { accessSync, constants } from 'node:fs'
import { minimalEnv } from '../../platform/processes/process.ts'

export const hostTools: Readonly<Record<string, { readonly package: string; readonly for: string }>> = {
  bash: { package: 'bash', for: 'tasks written in YAML' },
  tar: { package: 'tar', for: 'unpacking sources and roots' },
  zstd: { package: 'zstd', for: 'roots and caches' },
  gzip: { package: 'gzip', for: 'unpacking sources' },
  xz: { package: 'xz-utils', for: 'unpacking sources' },
  mmdebstrap: { package: 'mmdebstrap', for: 'the VM image and the build roots' },
  'apt-get': { package: 'apt', for: 'finding the Debian mirror' },
  ip: { package: 'iproute2', for: "a cluster's networks" },
  bridge: { package: 'iproute2', for: "a cluster's networks" },
  tc: { package: 'iproute2', for: 'lossy and slow networks' },
  nft: { package: 'nftables', for: 'stopping and isolating VMs' },
  unshare: { package: 'util-linux', for: 'VMs and sandboxes' },
  nsenter: { package: 'util-linux', for: 'VMs and sandboxes' },
  mount: { package: 'mount', for: 'VMs and sandboxes' },
  umount: { package: 'mount', for: 'VMs and sandboxes' },
  losetup: { package: 'mount', for: 'disks of limited size' },
  'mkfs.ext4': { package: 'e2fsprogs', for: 'disks of limited size' },
  flock: { package: 'util-linux', for: 'the launcher' },
  setsid: { package: 'util-linux', for: 'VMs and sandboxes' },
  curl: { package: 'curl', for: 'checks' },
  openssl: { package: 'openssl', for: 'checks' },
  patch: { package: 'patch', for: 'patching sources' },
  make: { package: 'make', for: 'tasks that use it' },
  perl: { package: 'perl-base', for: 'VMs and sandboxes' },
  setpriv: { package: 'util-linux', for: 'VMs and sandboxes' },
  git: { package: 'git', for: 'tasks that use it' },
  busybox: { package: 'busybox-static', for: 'the VMs of tests' },
  man: { package: 'man-db', for: 'k8s-ha keepalived --man' },
}

/** The full path; undefined when no folder of the PATH that tasks get has it. */
export function findTool(name: string): string | undefined {
  const folders = (minimalEnv().PATH ?? '').split(':')
  return folders.map(folder => `${folder}/${name}`).find(isExecutable)
}

export const debianPackage = (tool: string): string => hostTools[tool]?.package ?? tool

/** The packages of the missing ones, sorted, each once. */
export const missingPackages = (tools: Iterable<string>): readonly string[] =>
  [...new Set([...tools].filter(tool => findTool(tool) === undefined).map(debianPackage))].sort()

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
