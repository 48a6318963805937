/** haproxy found dead exactly the apiservers that are, and ended what was connected to them: clients connect anew at once. */
import * as v from 'valibot'
import { withRole } from '../../../cluster/spec.ts'
import { haproxyServers } from '../../ask/haproxy-servers.ts'
import { inState } from '../../ask/select-vms.ts'
import { defineCheck } from '../check.ts'

export const noDeadSessions = defineCheck({
  name: 'no-dead-sessions',
  claim: 'the load balancers know which apiservers are away, and keep no connection to them',
  schema: v.strictObject({}),
  timeoutMs: 20_000,

  async observe({ cluster, signal }) {
    const controlPlanes = withRole(cluster, 'control-plane')
    const alive = await inState(controlPlanes, 'running')
    const away = controlPlanes.filter(vm => !alive.includes(vm)).map(vm => vm.spec.name)
    const running = await inState(withRole(cluster, 'load-balancer'), 'running')
    const asked = await Promise.all(
      running.map(async vm => {
        const { answer, servers } = await haproxyServers(vm, signal)
        return { vm: vm.spec.name, answer, down: servers.filter(({ status }) => status.startsWith('DOWN')) }
      }),
    )
    return {
      holds:
        running.length > 0 &&
        asked.every(
          ({ answer, down }) =>
            answer.ok && down.map(one => one.name).join() === away.join() && down.every(one => one.sessions === 0),
        ),
      seen:
        asked
          .map(({ vm, answer, down }) => {
            const dead = down.map(({ name, sessions }) => `${sessions} connections to ${name}, which is down`)
            return `${vm}: ${answer.ok ? dead.join(', ') || 'all servers are up' : answer.reason}`
          })
          .join('; ') || 'no load balancer is running',
    }
  },
})
