/**
 * haproxy has seen that the apiservers are ready: another one may go away now without leaving clients with none. Or it
 * has seen that some are not, though they run.
 */
import * as v from 'valibot'
import { withRole } from '../../../cluster/spec.ts'
import { haproxyServers } from '../../ask/haproxy-servers.ts'
import { inTurn } from '../../ask/run-on.ts'
import { inState } from '../../ask/select-vms.ts'
import { defineCheck } from '../check.ts'

export const apiserversBalanced = defineCheck({
  name: 'apiservers-balanced',
  claim: 'every load balancer gives new connections to every running apiserver',
  schema: v.strictObject({
    /** Exactly this many running ones get none. */
    away: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0)), 0),
  }),
  timeoutMs: 20_000,
  waitsForReadiness: true,

  async observe({ cluster, signal }, { away }) {
    const wanted = (await inState(withRole(cluster, 'control-plane'), 'running')).map(vm => vm.spec.name)
    const running = await inState(withRole(cluster, 'load-balancer'), 'running')
    const asked = await inTurn(running, async vm => {
      const { answer, servers } = await haproxyServers(vm, signal)
      const used = servers.filter(({ status }) => status.startsWith('UP')).map(({ name }) => name)
      const unused = wanted.filter(name => !used.includes(name))
      const state = (name: string) => servers.find(one => one.name === name)?.status ?? 'unknown'
      const words = unused.map(name => `${name} is ${state(name)}`).join(', ') || 'all are up'
      return {
        holds: answer.ok && unused.length === away,
        text: `${vm.spec.name}: ${answer.ok ? words : answer.reason}`,
      }
    })
    return {
      holds: asked.length > 0 && asked.every(({ holds }) => holds),
      seen: asked.map(({ text }) => text).join('; ') || 'no load balancer is running',
    }
  },
})
