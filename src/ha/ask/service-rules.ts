/** Where kube-proxy leads the connections to the service `kubernetes`, as the rules in a node's kernel say. */
import type { IpFamily } from '../../cluster/address.ts'
import type { KubeProxyMode } from '../../cluster/spec.ts'
import type { Vm } from '../../drivers/driver.ts'
import { runOn } from './run-on.ts'

interface Rules {
  argv(family: IpFamily): readonly string[]
  /** The rules that lead to an endpoint of the service. */
  of(text: string): readonly string[]
  /** The address in such a rule, in brackets for IPv6. */
  readonly target: RegExp
}

const rules: Readonly<Record<KubeProxyMode, Rules>> = {
  iptables: {
    argv: family => [family === 'IPv6' ? 'ip6tables-save' : 'iptables-save', '-t', 'nat'],
    of: text => text.split('\n').filter(line => line.includes('default/kubernetes:https') && line.includes('DNAT')),
    // "--to-destination 192.168.1.1:6443", "--to-destination [fd00::c0a8:101]:6443"
    target: /--to-destination \[?([^\]\s]+?)\]?:\d+(\s|$)/,
  },
  nftables: {
    argv: family => ['nft', 'list', 'table', family === 'IPv6' ? 'ip6' : 'ip', 'kube-proxy'],
    // A chain for each endpoint: "chain endpoint-5OJB2KTY-default/kubernetes/tcp/https__192.168.1.1/6443 { … }".
    of: text =>
      [...text.matchAll(/^\tchain endpoint-\S*-default\/kubernetes\/tcp\/https__\S* \{\n([^}]*)/gm)]
        .flatMap(([, chain = '']) => chain.split('\n'))
        .filter(line => line.includes(' dnat to ')),
    // "meta l4proto tcp dnat to 192.168.1.1:6443"
    target: / dnat to \[?([^\]\s]+?)\]?:\d+(\s|$)/,
  },
}

/** Sorted; "?" for a rule that is not understood. Empty when there are none, or the VM does not answer. */
export async function apiserversInRules(
  vm: Vm,
  { mode, family, signal }: { readonly mode: KubeProxyMode; readonly family: IpFamily; readonly signal: AbortSignal },
): Promise<readonly string[]> {
  const { argv, of, target } = rules[mode]
  const { stdout } = await runOn(vm, argv(family), { timeoutMs: 8_000, signal })
  return of(stdout)
    .map(line => target.exec(line)?.[1] ?? '?')
    .sort()
}
