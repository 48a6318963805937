/** Task type: the programs of a product in a version, or what they are built from, from the first place that has it. */
import { join, relative, resolve } from 'node:path'
import type * as v from 'valibot'
import { type CheckContext, defineTaskType, type TaskContext } from '../src/engine/workflow/task-type.ts'
import { usage } from '../src/platform/failure.ts'
import { packageRoot } from '../src/platform/package-root.ts'
import { fail, ok, type Result } from '../src/platform/result.ts'
import { imageSuite } from './kubernetes/image-suite.ts'
import { isFolder, versionOf, versionWritten } from './kubernetes/version-of.ts'
import { fetchWith } from './programs/fetch-with.ts'
import { getVersion, leaveChosen } from './programs/get-version.ts'
import { ownPrograms, ownProgramsProblem } from './programs/own-programs.ts'
import type { Product } from './programs/product.ts'
import { products } from './programs/products.ts'
import { wantedOf } from './programs/wanted.ts'

type Options = v.InferOutput<typeof fetchWith>

export default defineTaskType({
  name: 'fetch-programs',
  description: 'programs of a version, or what they are built from, from the first place that has it',
  schema: fetchWith,
  check,
  hostTools: ['ip', 'mmdebstrap', 'mount', 'tar', 'zstd'],
  requiresRoot: true,
  async run(context) {
    const [output] = context.outputs
    if (output === undefined) return fail(usage('The task type "fetch-programs" needs one output: the folder to make'))
    const product = productOf(context.with)
    const kubernetes = await kubernetesOf(context)
    if (!kubernetes.ok) return kubernetes
    const wanted = wantedOf(product, context.with.version, { kubernetes: kubernetes.value })
    if ('message' in wanted) return fail(usageOf(wanted))
    if (wanted.kind === 'folder') return useFolder(product, resolve(context.projectDir, wanted.path), context)
    const { url, modules } = context.with
    const own = join(packageRoot, 'tasks', context.with.product, 'modules')
    const pins = modules === undefined ? own : resolve(context.projectDir, modules)
    const options = { url: url.replace(/\/+$/, ''), modules: pins }
    return getVersion(product, wanted, { options, context })
  },
})

/** Errors name the parameter that is to be mended. */
const productOf = ({ product, parameter }: Options): Product => ({
  ...products[product],
  ...(parameter === undefined ? {} : { parameter }),
})

async function kubernetesOf(context: TaskContext<Options>): Promise<Result<string | undefined>> {
  const { kubernetes } = context.with
  return kubernetes === undefined ? ok(undefined) : versionOf(kubernetes, context)
}

/** They stay where they are: build-programs copies them. */
async function useFolder(product: Product, folder: string, context: TaskContext<Options>): Promise<Result<string>> {
  const problem = await ownProgramsProblem(folder, product.programs)
  if (problem !== undefined) return fail(usage(`Cannot use the programs in "${folder}": ${problem}`))
  const version = context.with.product === 'kubernetes' ? await versionOf(folder, context) : ok('own')
  if (!version.ok) return version
  const programs = await ownPrograms(folder, product.programs)
  await leaveChosen(context.outputs[0] ?? '', { version: version.value, origin: 'folder', folder, programs })
  return ok(`${product.name} from ${folder}`)
}

const usageOf = ({ message, ...more }: { readonly message: string; readonly try?: string }) => usage(message, more)

/** Found before anything starts. */
function check({ with: options, projectDir, planned }: CheckContext<Options>) {
  const { version, kubernetes: other } = options
  const kubernetes = other === undefined ? undefined : versionWritten(other)
  const wanted = wantedOf(productOf(options), version, { kubernetes, suite: imageSuite(planned) })
  if ('message' in wanted) return [{ path: ['version'], ...wanted }]
  if (!isFolder(version)) return []
  // A task's outputs are removed before it runs: programs from there would be gone before they are copied.
  const outputs = planned
    .filter(({ type }) => type === 'build-programs' || type === 'fetch-programs')
    .flatMap(task => task.outputs)
  const own = outputs.find(
    output => !relative(resolve(projectDir, output), resolve(projectDir, version)).startsWith('..'),
  )
  if (own === undefined) return []
  const message = `Cannot use the programs in "${version}": they are a task's own output "${own}"`
  return [{ path: ['version'], message, try: 'copy them to a folder elsewhere' }]
}
