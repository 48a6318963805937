/** What create-objects made is known to every apiserver that runs, asked by itself, and to every etcd member. */
import * as v from 'valibot'
import { etcdClientUrls } from '../../../cluster/render/etcd.ts'
import { apiserverUrl } from '../../../cluster/render/kubeconfig.ts'
import { withRole } from '../../../cluster/spec.ts'
import { changed } from '../../actions/create-objects.ts'
import { kubectlOn, runOn } from '../../ask/run-on.ts'
import { inState } from '../../ask/select-vms.ts'
import { type CheckContext, defineCheck } from '../check.ts'

export const objectsEverywhere = defineCheck({
  name: 'objects-everywhere',
  claim: 'every apiserver and every etcd member knows the created objects',
  schema: v.strictObject({ count: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1)), 200) }),
  timeoutMs: 10_000,

  async observe(context, { count }) {
    const counts = [...(await onApiservers(context)), ...(await onMembers(context))]
    // The ConfigMap that Kubernetes makes in each namespace is among them.
    const expected = count + 1
    return {
      holds: counts.length > 0 && counts.every(({ number }) => number === expected),
      seen: counts.map(({ who, number }) => `${who} ${number} of ${expected}`).join(', '),
    }
  },
})

interface Count {
  readonly who: string
  readonly number: number
}

/** With the one resource of the new kind, or none counts. */
async function onApiservers({ cluster, signal }: CheckContext): Promise<readonly Count[]> {
  const running = await inState(withRole(cluster, 'control-plane'), 'running')
  return Promise.all(
    running.map(async vm => {
      const server = `--server=${apiserverUrl(cluster.spec, vm.spec)}`
      const get = (kind: string) =>
        kubectlOn(
          cluster,
          vm,
          [
            server,
            '--namespace',
            changed.namespace,
            'get',
            kind,
            '--output=name',
            `--request-timeout=${3 * cluster.patience}s`,
          ],
          {
            timeoutMs: 8_000,
            signal,
          },
        )
      const [configMaps, resources] = await Promise.all([get('configmaps'), get(changed.kind)])
      const number = linesOf(resources.stdout) === 1 ? linesOf(configMaps.stdout) : 0
      return { who: vm.spec.name, number }
    }),
  )
}

/** Serializable: what the member itself holds. */
async function onMembers({ cluster, signal }: CheckContext): Promise<readonly Count[]> {
  const members = withRole(cluster, 'etcd')
  const [asked] = await inState(members, 'running')
  if (asked === undefined) return []
  const urls = etcdClientUrls(cluster.spec)
  return Promise.all(
    members.map(async (vm, index) => {
      const prefix = `/registry/configmaps/${changed.namespace}/`
      const argv = [`--endpoints=${urls[index]}`, 'get', prefix, '--prefix', '--keys-only', '--consistency=s']
      const answer = await runOn(asked, ['etcdctl', ...argv, `--command-timeout=${3 * cluster.patience}s`], {
        timeoutMs: 8_000,
        signal,
      })
      return { who: vm.spec.name, number: linesOf(answer.stdout) }
    }),
  )
}

const linesOf = (text: string): number => text.split('\n').filter(line => line.trim() !== '').length
