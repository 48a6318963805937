/** Task type: the programs that VMs get as a layer, from what fetch-programs got: copied, or compiled without network. */
import { join } from 'node:path'
import * as v from 'valibot'
import { defineTaskType, needOutput } from '../src/engine/workflow/task-type.ts'
import { usage } from '../src/platform/failure.ts'
import { fail, ok } from '../src/platform/result.ts'
import { buildFromSource } from './kubernetes/build-from-source.ts'
import { sourceCommits } from './kubernetes/build-script.ts'
import { makeProgramFolder } from './kubernetes/program-files.ts'
import { buildFromModules } from './programs/build-from-modules.ts'
import { parts, readChosen } from './programs/chosen.ts'
import { copyPrograms } from './programs/copy-programs.ts'
import { programNames } from './programs/program-names.ts'

const schema = v.strictObject({
  product: v.picklist(['kubernetes', 'etcd']),
  /** The need that fetched them. */
  fetched: v.string(),
})

export default defineTaskType({
  name: 'build-programs',
  description: 'programs as a layer of VMs, from what fetch-programs got',
  schema,
  hostTools: ['ip', 'mount', 'tar', 'zstd'],
  requiresRoot: true,
  async run(context) {
    const { product } = context.with
    const fetched = needOutput(context, context.with.fetched)
    if (!fetched.ok) return fetched
    const [output = ''] = context.outputs
    const chosen = await readChosen(fetched.value)
    const { origin, version } = chosen
    if (origin === 'modules') return buildFromModules(context, { product, version, fetched: fetched.value })
    if (origin === 'source') {
      const commit = sourceCommits[version]
      if (commit === undefined) return fail(usage(`Cannot build ${version} from source: its commit is not known`))
      const [root, source] = [join(fetched.value, parts.root), join(fetched.value, parts.source)]
      return buildFromSource(context, { version, commit, root, source })
    }
    const folder = await makeProgramFolder(output)
    if (origin === 'image') return ok('none: the VM image has it')
    const from = chosen.folder ?? join(fetched.value, parts.programs)
    const copied = await copyPrograms(from, folder, programNames[product])
    return ok(`${copied} programs ${origin === 'folder' ? `from ${from}` : `of the official v${version}`}`)
  },
})
