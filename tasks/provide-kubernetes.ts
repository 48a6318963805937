/** Task type: Kubernetes' programs, built from source, official ones, or those of a folder. */
import { relative, resolve } from 'node:path'
import * as v from 'valibot'
import { type CheckContext, defineTaskType } from '../src/engine/workflow/task-type.ts'
import { usage } from '../src/platform/failure.ts'
import { fail } from '../src/platform/result.ts'
import { buildFromSource } from './kubernetes/build-from-source.ts'
import { sourceCommits } from './kubernetes/build-script.ts'
import { copyOwn } from './kubernetes/copy-own.ts'
import { fetchRelease } from './kubernetes/fetch-release.ts'

const schema = v.strictObject({
  /** A version that is built from source; another version: official programs; a path: the programs in that folder. */
  kubernetes: v.string(),
  /** Where official programs lie: <url>/v<version>/bin/linux/<arch>/<program>. */
  url: v.string(),
  /** The needs that made the Go root and fetched the source; they need not be there when nothing is built. */
  root: v.string(),
  source: v.string(),
})

const isPath = (kubernetes: string): boolean => /^\.{0,2}\//.test(kubernetes)

export default defineTaskType({
  name: 'provide-kubernetes',
  description: "Kubernetes' programs, built from source, official ones, or those of a folder",
  schema,
  check,
  hostTools: ['ip', 'mount', 'zstd'],
  requiresRoot: true,
  async run(context) {
    const { kubernetes, url, root, source } = context.with
    if (isPath(kubernetes)) return copyOwn(context, resolve(context.projectDir, kubernetes))
    const commit = sourceCommits[kubernetes]
    if (commit !== undefined) return buildFromSource(context, { version: kubernetes, commit, root, source })
    if (/^\d+\.\d+\.\d+(-[0-9a-z.]+)?$/.test(kubernetes))
      return fetchRelease(context, { version: kubernetes, url: url.replace(/\/+$/, '') })
    return fail(
      usage(
        `Cannot use "${kubernetes}" as Kubernetes: it is neither a version like 1.20.2 nor a path that begins with "/" or "./"`,
      ),
    )
  },
})

/** A task's outputs are removed before it runs: programs from there would be gone before they are copied. */
function check({ with: { kubernetes }, projectDir, planned }: CheckContext<v.InferOutput<typeof schema>>) {
  if (!isPath(kubernetes)) return []
  const outputs = planned.filter(({ type }) => type === 'provide-kubernetes').flatMap(task => task.outputs)
  const own = outputs.find(
    output => !relative(resolve(projectDir, output), resolve(projectDir, kubernetes)).startsWith('..'),
  )
  if (own === undefined) return []
  const message = `Cannot use the programs in "${kubernetes}": they are this task's own output "${own}"`
  return [{ path: ['kubernetes'], message, try: 'copy them to a folder elsewhere' }]
}
