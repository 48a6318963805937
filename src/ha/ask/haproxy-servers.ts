/** The apiservers as the haproxy of a load balancer sees them. */
import type { Vm } from '../../drivers/driver.ts'
import { type Answer, runOn } from './run-on.ts'

export interface HaproxyServer {
  /** Of its VM. */
  readonly name: string
  /** "192.168.1.1:6443", "[fd00::c0a8:101]:6443" */
  readonly address: string
  /** "UP": it gets connections. "NOLB": it gets no new ones. "DOWN": it answers no checks. Progress may follow: "UP 1/2". */
  readonly status: string
  /** Connections to it. */
  readonly sessions: number
}

export interface HaproxyAnswer {
  readonly answer: Answer
  readonly servers: readonly HaproxyServer[]
}

export async function haproxyServers(vm: Vm, signal: AbortSignal): Promise<HaproxyAnswer> {
  const argv = ['socat', '-', '/run/haproxy/admin.sock']
  const answer = await runOn(vm, argv, { timeoutMs: 5_000, signal, input: 'show stat\n' })
  return { answer, servers: serversIn(answer.stdout) }
}

/** Its statistics are CSV with a line of names. */
function serversIn(csv: string): readonly HaproxyServer[] {
  const [header = '', ...lines] = csv.replace(/^# /, '').split('\n')
  const columns = header.split(',')
  return lines.flatMap(line => {
    const cells = line.split(',')
    const cell = (name: string) => cells[columns.indexOf(name)] ?? ''
    if (cell('pxname') !== 'apiservers' || cell('svname') === 'BACKEND') return []
    return [{ name: cell('svname'), address: cell('addr'), status: cell('status'), sessions: Number(cell('scur')) }]
  })
}
