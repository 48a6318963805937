/** The addresses behind the service `kubernetes`, as the older of its two objects has them. */
import type { Cluster } from '../../drivers/driver.ts'
import { type ApiRequest, objectOf } from './api-on.ts'

interface Endpoints {
  readonly subsets?: readonly { readonly addresses?: readonly { readonly ip: string }[] }[]
}

const path = '/api/v1/namespaces/default/endpoints/kubernetes'

/** Undefined with the reason when the API does not say. */
export async function kubernetesEndpoints(
  cluster: Cluster,
  options: Omit<ApiRequest, 'path'>,
): Promise<{ readonly addresses: readonly string[] | undefined; readonly reason: string }> {
  const { object, reason } = await objectOf<Endpoints>(cluster, { ...options, path })
  const addresses = object && (object.subsets ?? []).flatMap(one => (one.addresses ?? []).map(({ ip }) => ip))
  return { addresses, reason }
}
