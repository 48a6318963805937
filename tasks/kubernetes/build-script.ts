/** How Kubernetes is built from Debian's source archive, with nothing but Go on the build root. */
import { goCacheSettings } from '../programs/go-cache.ts'
import { programNames } from '../programs/program-names.ts'

/** Upstream's commit of each version that can be built: `kubectl version` shows it. */
export const sourceCommits: Readonly<Record<string, string>> = {
  '1.20.2': 'faecb196815e248d3ecfb03c680a4507229c2a56',
}

/**
 * $1: archive, $2: folder for the programs, $3: version, $4: commit.
 *
 * A tree in GOPATH, because its go.mod is too old for today's Go. The archive lacks one generated file, without which
 * kube-apiserver does not compile: it is made with the arguments that `make generated_files` uses
 * (build/root/Makefile.generated_files), without regenerating hundreds of others that are there.
 * reflect2 as it is in the archive reaches into Go's runtime as it was before Go 1.18: an apiserver built with a newer
 * one crashes when it reads a custom resource. Since then an iterator is filled in, not returned,
 * and so must have the size that the runtime's has (hiter in runtime/map.go).
 * The version's variables lie in vendor/: with the plain path the programs would call themselves v0.0.0-master.
 */
export const buildScript = `
export GOPATH=/go ${goCacheSettings} GO111MODULE=off CGO_ENABLED=0 GOTOOLCHAIN=local PATH=/usr/lib/go/bin:$PATH
tree=/go/src/k8s.io/kubernetes
echo '== unpack'
mkdir -p "$tree" "$2"
tar -C "$tree" --strip-components=1 --no-same-owner -xf "$1"
cd "$tree"

(
	cd vendor/github.com/modern-go/reflect2
	sed -i 's/^func mapiterinit(rtype unsafe.Pointer, m unsafe.Pointer) \\*hiter$/func mapiterinit(rtype, m unsafe.Pointer, it *hiter)/' unsafe_link.go
	sed -i 's|^\\t// rest fields are ignored$|\\tpointers [6]unsafe.Pointer\\n\\tnumbers [4]uintptr|' unsafe_link.go
	sed -i 's/mapiterinit(type2.rtype, /filledIterator(type2.rtype, /' unsafe_map.go
	grep -q '^func mapiterinit(rtype, m unsafe.Pointer, it ' unsafe_link.go && grep -q 'numbers \\[4\\]uintptr' unsafe_link.go
	grep -q 'filledIterator(' unsafe_map.go
	cat >>unsafe_map.go <<'END'

func filledIterator(rtype, m unsafe.Pointer) *hiter {
	it := new(hiter)
	mapiterinit(rtype, m, it)
	return it
}
END
)

echo '== generate'
go build -o /go/bin/openapi-gen ./vendor/k8s.io/kube-openapi/cmd/openapi-gen
packages=$(grep -rl --include='*.go' '^// *+k8s:openapi-gen=' --exclude-dir=vendor [a-z]* |
	sed 's|/[^/]*$||; s|^staging/src/|vendor/|; s|^|k8s.io/kubernetes/|' |
	grep -v -e /vendor/k8s.io/code-generator -e /vendor/k8s.io/sample-apiserver | LC_ALL=C sort -u | paste -sd,)
/go/bin/openapi-gen --logtostderr -i "$packages" -p k8s.io/kubernetes/pkg/generated/openapi -O zz_generated.openapi \\
	-h vendor/k8s.io/code-generator/hack/boilerplate.go.txt -r /tmp/violations

commands=(${programNames.kubernetes.needed.map(program => `./cmd/${program}`).join(' ')})
go list -deps -f '{{.Stale}}' "\${commands[@]}" >/tmp/stale
echo "== compile $(grep -c true /tmp/stale) $(wc -l </tmp/stale)"
variables=k8s.io/kubernetes/vendor/k8s.io/component-base/version
IFS=. read -r major minor _ <<<"$3"
go build -v -ldflags "-s -w -buildid= -X $variables.gitVersion=v$3 -X $variables.gitCommit=$4 \\
	-X $variables.gitMajor=$major -X $variables.gitMinor=$minor -X $variables.gitTreeState=archive" \\
	-o "$2/" "\${commands[@]}"
echo '== check'
test "$("$2/kubelet" --version)" = "Kubernetes v$3"
`
