/**
 * The registers that probes write and read: ConfigMaps where there is Kubernetes, bare keys of etcd where there is not.
 * Each value is written once, so that a reader knows which write it saw.
 */
import type { Change } from './protocol.ts'

export const registers = [0, 1, 2, 3] as const
export const namespace = 'k8s-ha-probes'

/** Kubernetes keeps a ConfigMap of its own in each namespace. */
export const isRegister = (number: number): boolean => registers.some(one => one === number)

export const nameOf = (register: number): string => `register-${register}`

export const configMap = (register: number, value: number): object => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: nameOf(register), namespace },
  data: { value: textOf(value) },
})

const textOf = (value: number): string => `probe-value-${value}.`

/** Also out of the binary form in which Kubernetes keeps an object in etcd. */
export const valueIn = (text: string): number => Number(/probe-value-(\d+)\./.exec(text)?.[1] ?? 0)

/** Where the registers lie in etcd; `kubernetes`: as its apiservers keep ConfigMaps. */
export const prefixOf = (kubernetes: boolean): string =>
  kubernetes ? `/registry/configmaps/${namespace}/` : `/${namespace}/`

export const encode = (text: string): string => Buffer.from(text).toString('base64')
const decode = (text: string): string => Buffer.from(text, 'base64').toString('latin1')

/** The first key after all that begin with the prefix. */
export const endOf = (prefix: string): string =>
  prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1)

export interface KeyValue {
  readonly key: string
  readonly value?: string
  readonly mod_revision: string
}

export const encodedValue = (value: number): string => encode(textOf(value))

export function changeOf({ key, value = '', mod_revision }: KeyValue): Change {
  const register = Number(/register-(\d+)$/.exec(decode(key))?.[1] ?? Number.NaN)
  return { register, revision: Number(mod_revision), value: valueIn(decode(value)) }
}
