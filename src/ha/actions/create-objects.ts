/** Reconfigures Kubernetes: a resource definition with one resource of that kind, and ConfigMaps. */
import * as v from 'valibot'
import { failed } from '../../platform/failure.ts'
import { fail, ok } from '../../platform/result.ts'
import { kubectlOn } from '../ask/run-on.ts'
import { kubectlVm } from '../ask/select-vms.ts'
import { defineAction } from './action.ts'

/** Where they are, and how `objects-everywhere` finds them. */
export const changed = { namespace: 'k8s-ha-changes', kind: 'changes.k8s-ha.test' } as const

const definition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: changed.kind },
  spec: {
    group: 'k8s-ha.test',
    scope: 'Namespaced',
    names: { plural: 'changes', singular: 'change', kind: 'Change' },
    versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
  },
}
const resource = {
  apiVersion: 'k8s-ha.test/v1',
  kind: 'Change',
  metadata: { name: 'one', namespace: changed.namespace },
}

export const createObjects = defineAction({
  name: 'create-objects',
  what: 'creates `count` ConfigMaps (200), a resource definition, and a resource of that kind',
  schema: v.strictObject({ count: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(2000)), 200) }),

  async run({ cluster, signal }, { count }) {
    const client = await kubectlVm(cluster)
    if (!client.ok) return client
    const configMaps = Array.from({ length: count }, (_, index) => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: `change-${index}`, namespace: changed.namespace },
      data: { number: String(index) },
    }))
    const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: changed.namespace } }
    const steps: readonly (readonly [readonly string[], readonly object[]])[] = [
      [
        ['apply', '--filename=-'],
        [namespace, definition],
      ],
      [['apply', '--filename=-'], configMaps],
      [['wait', '--for=condition=Established', `--timeout=${20 * cluster.patience}s`, `crd/${changed.kind}`], []],
      [['apply', '--filename=-'], [resource]],
    ]
    for (const [argv, items] of steps) {
      const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items })
      const answer = await kubectlOn(cluster, client.value, argv, { timeoutMs: 60_000, signal, input })
      if (!answer.ok) return fail(failed('Cannot create objects', { last: answer.reason }))
    }
    return ok(`${count} ConfigMaps, a resource definition and a resource`)
  },
})
