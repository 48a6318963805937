/** Each mistake that a pod notices is named, with the apiserver that has it; what a cluster lacks is not asked for. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { curlConfig } from '../../src/ha/ask/ask-many.ts'
import { looks, stops } from './observe.ts'
import type { World } from './world/world.ts'

const second =
  (file: string, text = 'another') =>
  (world: World) => {
    world.vm(2).files.set(file, text)
  }

for (const family of ['IPv4', 'IPv6', 'dual'] as const)
  looks('pods-see-all', `holds in a healthy cluster, ${family}`, {
    settings: { family },
    holds: true,
    sees: /^2 apiservers for a pod on vm-003$/,
  })
looks('pods-see-all', 'asks the apiservers that run', {
  when: stops(1),
  holds: true,
  sees: /^1 apiserver for a pod on vm-003$/,
})
looks('pods-see-all', 'lets a client on a VM ask where there are no workers, and says why', {
  settings: { nvm: 2 },
  holds: true,
  sees: /^2 apiservers for a client on vm-001 \(there is no worker, and so no pod\)$/,
})
looks('pods-see-all', 'says the same where the test application was not deployed', {
  when: (world: World) => world.served.set('/api/v1/namespaces/default/pods', { items: [] }),
  holds: true,
  sees: /^2 apiservers for a client on vm-003 \(the test application was not deployed\)$/,
})
looks('pods-see-all', 'does not hold where the pods of the test application are not ready', {
  when: (world: World) =>
    world.served.set('/api/v1/namespaces/default/pods', { items: [{ metadata: {}, spec: {}, status: {} }] }),
  holds: false,
  sees: /^none of 1 pods of the test application is ready$/,
})

looks('pods-see-all', 'names who does not accept the tokens of others', {
  when: second('/sa-key'),
  holds: false,
  sees: new RegExp(
    [
      '^vm-001 does not accept the token that vm-002 issued: Unauthorized',
      "vm-002 does not accept the pod's token: Unauthorized",
      'vm-002 does not accept the token that vm-001 issued: Unauthorized',
      'vm-002 does not serve as 10.96.0.1: Unauthorized',
    ].join('; '),
  ),
})
looks('pods-see-all', 'names who does not read the secrets of others', {
  when: second('/encryption-key'),
  holds: false,
  sees: new RegExp(
    [
      '^the secret that was written through vm-001 cannot be read through vm-002: unable to transform key',
      'the secret that was written through vm-002 cannot be read through vm-001: unable to transform key$',
    ].join('; '),
  ),
})
looks('pods-see-all', 'names who serves with a certificate that does not name the service', {
  when: second('/unnamed', '10.96.0.1'),
  holds: false,
  sees: /^vm-002 does not serve as 10\.96\.0\.1: SSL: no alternative certificate subject name matches [^;]*$/,
})
looks('pods-see-all', 'names whose requests kubelets refuse', {
  when: second('/refused-by-kubelets'),
  holds: false,
  sees: /^no logs of a pod on vm-003 through vm-002: Unauthorized; no exec in a pod on vm-003 through vm-002: error: .*Unauthorized$/,
})
looks('pods-see-all', 'says who is silent', {
  when: (world: World) => world.vm(2).files.set('/run/kube-apiserver.down', ''),
  holds: false,
  sees: /^no secret can be written through vm-002: Connection timed out after \d+ milliseconds; vm-002 issues no token: /,
})

test('what is asked survives the syntax of its file', () => {
  const [question] = [
    { url: 'https://[fd00::1]:6443/x', post: { text: 'a "quoted" \\ line\nbreak' }, at: '[fd00::2]:1' },
  ]
  const lines = curlConfig([question], 2).split('\n')
  assert.ok(lines.includes('url = "https://[fd00::1]:6443/x"'))
  assert.ok(lines.includes('connect-to = "::[fd00::2]:1"'))
  assert.ok(lines.includes('max-time = "6"'))
  assert.ok(lines.includes(String.raw`data-raw = "{\"text\":\"a \\\"quoted\\\" \\\\ line\\nbreak\"}"`))
})
