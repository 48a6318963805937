/** Programs compiled from the Go modules that fetch-programs downloaded, without network. */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { TaskContext } from '../../src/engine/workflow/task-type.ts'
import { ok, type Result } from '../../src/platform/result.ts'
import { makeProgramFolder, programFolder } from '../kubernetes/program-files.ts'
import { buildInRoot, inProject } from '../roots/build-in-root.ts'
import { keepBuildTimes, lastBuildTimes } from './build-times.ts'
import { parts } from './chosen.ts'
import { type GoBuildPlan, goBuildPlans } from './go-build-plans.ts'
import { goCache, ownGoCache } from './go-cache.ts'
import { GoProgress } from './go-progress.ts'
import { goFolder } from './go-root.ts'
import { minorOf } from './product.ts'
import type { ProductName } from './program-names.ts'

export interface ModuleBuild {
  readonly product: ProductName
  readonly version: string
  /** The folder that fetch-programs made. */
  readonly fetched: string
}

/** $1: archive of the modules, $2: folder for the programs, $3: version, $4: tags, $5: flags of the linker; the packages.
 * The working folder is always /build, so the result does not depend on where the project lies. */
const script = ({ renames, check }: GoBuildPlan) => `
export PATH=$(echo ${goFolder}):$PATH GOTOOLCHAIN=local GOFLAGS=-mod=vendor GOCACHE=${goCache} CGO_ENABLED=0
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
  const cache = await ownGoCache(context)
  const build = `${product}-${minorOf(version)}`
  const progress = new GoProgress({
    steps: ['unpack', 'compile', 'check'],
    last: lastBuildTimes(context.cacheDir, build),
    isWhole: cache.isEmpty,
    report: text => context.progress(text),
  })
  const variables = Object.entries(plan.variables(version)).map(([name, value]) => `-X ${name}=${value}`)
  const built = await buildInRoot(context, {
    root: join(fetched, parts.root),
    script: script(plan),
    args: [
      ...[inProject(context, join(fetched, parts.modules)), inProject(context, programFolder(output)), version],
      ...[plan.tags.join(','), ['-s -w -buildid=', ...variables].join(' '), ...plan.packages],
    ],
    inputs: [join(fetched, parts.modules)],
    mounts: [{ from: cache.folder, to: goCache, writable: true }],
    onLine: line => progress.add(line),
  })
  if (!built.ok) return built
  await makeProgramFolder(output)
  await rm(cache.folder, { recursive: true, force: true })
  const times = progress.times()
  if (times !== undefined) keepBuildTimes(context.cacheDir, build, times)
  return ok(`v${version} from Go modules`)
}
