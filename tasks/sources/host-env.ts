/** The environment of a program of the host that uses the network: the minimum, and the proxies. */
import { minimalEnv } from '../../src/platform/processes/process.ts'

export function hostEnv(): Record<string, string> {
  const proxies = Object.entries(process.env).filter(
    (entry): entry is [string, string] => /^(https?|ftp|no|all)_proxy$/i.test(entry[0]) && entry[1] !== undefined,
  )
  return { ...minimalEnv(), ...Object.fromEntries(proxies) }
}
