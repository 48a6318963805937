/** Which etcd member leads, as the members themselves say. */
import { withRole } from '../../cluster/spec.ts'
import type { Cluster, Vm } from '../../drivers/driver.ts'
import { failed } from '../../platform/failure.ts'
import { fail, ok, type Result } from '../../platform/result.ts'
import { runOn } from './run-on.ts'
import { inState } from './select-vms.ts'
import { vmOfEndpoint } from './vm-of-endpoint.ts'

interface MemberStatus {
  readonly Endpoint: string
  readonly Status: { readonly header: { readonly member_id: number }; readonly leader: number }
}

export async function etcdLeader(cluster: Cluster, signal: AbortSignal): Promise<Result<Vm>> {
  const members = withRole(cluster, 'etcd')
  let seen = 'no etcd VM is running'
  // A member that is cut off may believe anything: the first one that sees a leader among members that answer is right.
  for (const asked of await inState(members, 'running')) {
    const argv = ['etcdctl', 'endpoint', 'status', '--write-out=json', `--command-timeout=${2 * cluster.patience}s`]
    const answer = await runOn(asked, argv, { timeoutMs: 10_000, signal })
    // Member ids are 64 bits wide, more than a number holds: compared as text.
    const text = answer.stdout.replace(/"(member_id|leader)":(\d+)/g, '"$1":"$2"')
    const statuses = text.startsWith('[') ? (JSON.parse(text) as readonly MemberStatus[]) : []
    const leaders = statuses.filter(({ Status }) => Status.header.member_id === Status.leader)
    const [leader] = leaders.map(({ Endpoint }) => vmOfEndpoint(Endpoint, members))
    if (leader !== undefined && leaders.length === 1 && statuses.length > members.length / 2) return ok(leader)
    seen = answer.reason || `${leaders.length} leaders`
  }
  return fail(failed('Cannot find out which etcd member leads', { last: seen }))
}
