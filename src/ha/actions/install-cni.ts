/** Applies the manifests of a CNI that the user brings, once the API answers. A built-in CNI needs none. */
import * as v from 'valibot'
import { isCniFolder, manifestsFolder } from '../../cluster/cni/folder-cni.ts'
import { failed } from '../../platform/failure.ts'
import { poll } from '../../platform/poll.ts'
import { fail, ok } from '../../platform/result.ts'
import { kubectlOn } from '../ask/run-on.ts'
import { kubectlVm } from '../ask/select-vms.ts'
import { defineAction } from './action.ts'

const applyWithinMs = 60_000
const againMs = 1_000

/** By the server: the annotation that kubectl would keep has no room for large definitions. */
const apply = ['apply', '--server-side', '--force-conflicts', `--filename=${manifestsFolder}`]

export const installCni = defineAction({
  name: 'install-cni',
  what: 'applies the manifests of a CNI that is a folder; of a built-in one, it changes nothing',
  schema: v.strictObject({}),

  async run({ cluster, signal }) {
    const { cni } = cluster.spec
    if (!isCniFolder(cni)) return ok(`${cni} needs no manifests`)
    const client = await kubectlVm(cluster)
    if (!client.ok) return client
    // Again and again: what a definition among them defines is refused until the API serves it.
    const answer = await poll(
      () => kubectlOn(cluster, client.value, apply, { timeoutMs: 30_000, signal }),
      one => one.ok,
      { everyMs: againMs, withinMs: applyWithinMs * cluster.patience, signal },
    )
    if (!answer.ok)
      return fail(
        failed(
          `Cannot install the CNI "${cni}": its manifests could not be applied within ${(applyWithinMs * cluster.patience) / 1000} s`,
          {
            last: answer.reason,
          },
        ),
      )
    const count = answer.stdout.trim().split('\n').length
    return ok(`${count} ${count === 1 ? 'object' : 'objects'} of ${cni}`)
  },
})
