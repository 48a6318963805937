/** Where the overlay's test application answers: through its service, on each worker. */
import { addressOf, familiesOf, withRole } from '../../cluster/spec.ts'
import type { Cluster } from '../../drivers/driver.ts'
import { objectOf } from './api-on.ts'

export interface AppPlace {
  readonly vm: string
  readonly host: string
  readonly port: number
}

export interface TestApp {
  /** Empty where it was not deployed. */
  readonly places: readonly AppPlace[]
  /** Why that cannot be found out; empty when it was. */
  readonly reason: string
}

export async function testApp(cluster: Cluster, signal: AbortSignal): Promise<TestApp> {
  const path = '/api/v1/namespaces/default/services/test-app'
  const { object, reason } = await objectOf<Service>(cluster, { path, signal })
  const port = object?.spec.ports[0]?.nodePort
  if (port === undefined) return { places: [], reason: object || /not found/.test(reason) ? '' : reason }
  const [family] = familiesOf(cluster.spec)
  const workers = withRole(cluster.spec, 'worker')
  return { places: workers.map(worker => ({ vm: worker.name, host: addressOf(worker, family), port })), reason: '' }
}

interface Service {
  readonly spec: { readonly ports: readonly { readonly nodePort?: number }[] }
}
