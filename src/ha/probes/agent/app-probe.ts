/** Users of the test application, through its service on each worker. */
import { inTurn, type Tell, timed, together } from './pace.ts'
import type { AgentConfig } from './protocol.ts'
import { call } from './request.ts'

const timeoutMs = 500
const periodMs = 200

export function appReads(workers: AgentConfig['app'], tell: Tell): () => void {
  const stops = workers.map(({ vm, host, port }) =>
    inTurn(periodMs, () =>
      timed(tell, { probe: 'app', vm }, async () => {
        const { status } = await call({ host, port, path: '/', timeoutMs })
        if (status !== 200) throw new Error(`HTTP ${status}`)
        return {}
      }),
    ),
  )
  return together(stops)
}
