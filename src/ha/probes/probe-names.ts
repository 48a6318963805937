/** How long a read or a write through the API waits for its answer, unless the scenario says otherwise. */
export const usualClientTimeoutMs = 250

/** Every probe, and how it behaves as a client; reports show this beside its findings. */
export const probeDescriptions = {
  'api-read': 'GET of an object through the VIP: 20/s, a new connection each, 250 ms time-out',
  'api-write': 'PUT of a value never written before, through the VIP: 20/s, a new connection each, 250 ms time-out',
  'api-keepalive': 'GET through the VIP: 10/s on one kept connection, given up after 1 s without an answer',
  watch: 'a watch through the VIP, begun anew after its last event when it ends or was silent for 3 s',
  leases: 'holders of the leases of controller-manager and scheduler: 1/s',
  nodes: 'readiness of all nodes: 1/s',
  app: 'GET of the test application through its service on a worker: 5/s, a new connection each, 500 ms time-out',
  'etcd-linearizable': 'linearizable read straight from a member: 5/s on kept connections, 250 ms time-out',
  'etcd-serializable': 'serializable read straight from a member: 2/s on kept connections, 250 ms time-out',
  'etcd-write': 'put of a value never written before, through the member that answered last: 20/s, 250 ms time-out',
  raft: 'term and leader of each member: 2/s',
  vip: 'addresses of each load balancer, reported by its kernel at each change, not polled',
} as const

/** With the time-out that its clients have in the scenario. */
export function describeProbe(name: ProbeName, clientTimeoutMs: number): string {
  const text: string = probeDescriptions[name]
  const isClient = name === 'api-read' || name === 'api-write'
  return isClient ? text.replace(`${usualClientTimeoutMs} ms time-out`, `${clientTimeoutMs} ms time-out`) : text
}

export type ProbeName = keyof typeof probeDescriptions
export const probeNames = Object.keys(probeDescriptions) as readonly ProbeName[]
