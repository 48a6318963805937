/** How each product is compiled from its Go modules. */
import { type ProductName, programNames } from './program-names.ts'

export interface GoBuildPlan {
  /** Import paths of the programs; each is named after its last part. */
  readonly packages: readonly string[]
  /** From → to, where a program is named otherwise. */
  readonly renames: ReadonlyMap<string, string>
  readonly tags: readonly string[]
  /** The variables that the linker sets. Without them the programs do not know their version. */
  variables(version: string): Readonly<Record<string, string>>
  /** bash: whether a program in "$out" says that it is "$version". */
  readonly check: string
}

/** As upstream's hack/lib/version.sh; the module proxy does not say which commit a version is. */
const kubernetesVersion = (version: string): Readonly<Record<string, string>> => {
  const [major = '', minor = ''] = version.split('.')
  const values = { gitVersion: `v${version}`, gitMajor: major, gitMinor: minor, gitTreeState: 'archive' }
  return Object.fromEntries(
    ['k8s.io/component-base/version', 'k8s.io/client-go/pkg/version'].flatMap(variables =>
      Object.entries({ ...values, gitCommit: 'unknown' }).map(([name, value]) => [`${variables}.${name}`, value]),
    ),
  )
}

export const goBuildPlans: Readonly<Record<ProductName, GoBuildPlan>> = {
  kubernetes: {
    packages: programNames.kubernetes.needed.map(program => `k8s.io/kubernetes/cmd/${program}`),
    renames: new Map(),
    // Upstream's of the release (hack/lib/golang.sh).
    tags: ['selinux', 'notest', 'grpcnotrace'],
    variables: kubernetesVersion,
    check: 'test "$("$out/kubelet" --version)" = "Kubernetes v$version"',
  },
  etcd: {
    packages: ['server', 'etcdctl', 'etcdutl'].map(module => `go.etcd.io/etcd/${module}/v3`),
    renames: new Map([['server', 'etcd']]),
    tags: [],
    variables: () => ({ 'go.etcd.io/etcd/api/v3/version.GitSHA': 'unknown' }),
    // It reads all: etcd would be ended by SIGPIPE in the middle of its lines.
    check: '"$out/etcd" --version | grep -x "etcd Version: $version" >/dev/null',
  },
}
