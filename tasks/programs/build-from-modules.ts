/** Programs compiled from the Go modules that fetch-programs downloaded, without network. */
import { join } from 'node:path'
import type { TaskContext } from '../../src/engine/workflow/task-type.ts'
import { ok, type Result } from '../../src/platform/result.ts'
import { programFolder } from '../kubernetes/program-files.ts'
import { inProject } from '../roots/build-in-root.ts'
import { parts } from './chosen.ts'
import { buildWithGo } from './go-build.ts'
import { type GoBuildPlan, goBuildPlans } from './go-build-plans.ts'
import { goCacheSettings } from './go-cache.ts'
import { goFolder } from './go-root.ts'
import { minorOf } from './product.ts'
import type { ProductName } from './program-names.ts'

export interface ModuleBuild {
  readonly product: ProductName
  readonly version: string
  /** The folder that fetch-programs made. */
  readonly fetched: string
}

/**
 * $1: archive of the modules, $2: folder for the programs, $3: version, $4: tags, $5: flags of the linker; the packages.
 * The working folder is always /build, so the result does not depend on where the project lies.
 */
const script = ({ renames, check }: GoBuildPlan) => `
export PATH=$(echo ${goFolder}):$PATH GOTOOLCHAIN=local GOFLAGS=-mod=vendor ${goCacheSettings} CGO_ENABLED=0
archive=$1 out=$2 version=$3 tags=$4 flags=$5
shift 5
echo '== unpack'
tar -xzf "$archive"
mkdir -p "$out"
go list -deps -trimpath -tags "$tags" -f '{{.Stale}}' "$@" >/tmp/stale
echo "== compile $(grep -c true /tmp/stale) $(wc -l </tmp/stale)"
go build -v -trimpath -tags "$tags" -ldflags "$flags" -o "$out/" "$@"
echo '== check'
${[...renames].map(([from, to]) => `mv "$out/${from}" "$out/${to}"\n`).join('')}${check}
`

export async function buildFromModules(
  context: TaskContext<unknown>,
  { product, version, fetched }: ModuleBuild,
): Promise<Result<string>> {
  const plan = goBuildPlans[product]
  const [output = ''] = context.outputs
  const variables = Object.entries(plan.variables(version)).map(([name, value]) => `-X ${name}=${value}`)
  const modules = join(fetched, parts.modules)
  const built = await buildWithGo(context, {
    name: `${product}-${minorOf(version)}`,
    steps: ['unpack', 'compile', 'check'],
    root: join(fetched, parts.root),
    script: script(plan),
    args: [
      ...[inProject(context, modules), inProject(context, programFolder(output)), version],
      ...[plan.tags.join(','), ['-s -w -buildid=', ...variables].join(' '), ...plan.packages],
    ],
    input: modules,
  })
  return built.ok ? ok(`v${version} from Go modules`) : built
}
