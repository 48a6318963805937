/** Mistakes in the configuration of haproxy and keepalived. */
import type { Defect } from './defect.ts'

const haproxy = 'haproxy.cfg'

export const haproxyDefects: readonly Defect[] = [
  {
    name: 'haproxy-one-apiserver',
    mistake: 'haproxy knows one apiserver only',
    caughtBy: { scenario: 'control-plane-stop', reason: 'reads' },
    plant: overlay =>
      overlay.replaceIn(overlay.vms('load-balancer'), haproxy, [
        /^( {4}server [^\n]*)(?:\n {4}server [^\n]*)+$/m,
        '$1',
      ]),
  },
  {
    name: 'haproxy-no-check',
    mistake: "haproxy's servers are not checked",
    caughtBy: { scenario: 'control-plane-away', reason: 'no-dead-sessions' },
    plant: overlay =>
      overlay.replaceIn(overlay.vms('load-balancer'), haproxy, [/default-server check check-ssl/, 'default-server']),
  },
  {
    name: 'haproxy-slow-check',
    mistake: 'haproxy looks at an apiserver every 20 s, and wants three failures',
    caughtBy: { scenario: 'control-plane-away', reason: 'no-dead-sessions' },
    plant: overlay =>
      overlay.replaceIn(overlay.vms('load-balancer'), haproxy, [
        // Servers that are down, as all are at first, are still looked at often.
        /inter \d+ms fastinter \d+ms (downinter \d+ms) fall \d+/,
        'inter 20s fastinter 20s $1 fall 3',
      ]),
  },
  {
    name: 'haproxy-keeps-sessions',
    mistake: 'haproxy keeps the connections to an apiserver that it found dead',
    caughtBy: { scenario: 'control-plane-away', reason: 'no-dead-sessions' },
    plant: overlay =>
      overlay.replaceIn(overlay.vms('load-balancer'), haproxy, [
        /^ *default-server on-marked-down shutdown-sessions\n/m,
        '',
      ]),
  },
  {
    name: 'haproxy-short-idle',
    mistake: 'haproxy cuts connections that are quiet for 3 s',
    caughtBy: { scenario: 'quiet-watch', reason: 'quiet-watch-holds' },
    plant: overlay =>
      overlay.replaceIn(overlay.vms('load-balancer'), haproxy, [
        /timeout (client|server|tunnel) \d+ms/g,
        'timeout $1 3s',
      ]),
  },
]

export const keepalivedDefects: readonly Defect[] = [
  {
    name: 'keepalived-on-one',
    mistake: 'only the first load balancer has keepalived',
    caughtBy: { scenario: 'lb-owner-stop', reason: 'reads' },
    plant(overlay) {
      for (const vm of overlay.vm('load-balancer', 2)) overlay.remove(overlay.filesOf(vm, 'keepalived.conf'))
    },
  },
  {
    name: 'vrrp-ids-differ',
    mistake: "the load balancers' virtual router ids differ, so that each believes itself alone",
    caughtBy: { scenario: 'soak', reason: 'one-vip-owner' },
    plant(overlay) {
      for (const vm of overlay.vm('load-balancer', 2))
        for (const path of overlay.filesOf(vm, 'vrrp-'))
          overlay.replace(path, /virtual_router_id \d+/, 'virtual_router_id 52')
    },
  },
  {
    name: 'vrrp-rare-adverts',
    mistake: 'the first load balancer announces only every 5 s that it owns the VIP',
    caughtBy: { scenario: 'lb-owner-stop', reason: 'reads' },
    plant(overlay) {
      for (const vm of overlay.vm('load-balancer', 1))
        for (const path of overlay.filesOf(vm, 'vrrp-')) overlay.replace(path, /advert_int [\d.]+/, 'advert_int 5')
    },
  },
  {
    name: 'no-track-script',
    mistake: 'keepalived does not look at haproxy',
    caughtBy: { scenario: 'haproxy-kill', reason: 'reads' },
    plant(overlay) {
      for (const vm of overlay.vms('load-balancer'))
        for (const path of overlay.filesOf(vm, 'vrrp-')) overlay.replace(path, /^ *track_script \{[^}]*\}\n/m, '')
    },
  },
  {
    name: 'slow-track-script',
    mistake: 'keepalived looks at haproxy every 20 s',
    caughtBy: { scenario: 'haproxy-kill', reason: 'reads' },
    plant: overlay =>
      overlay.replaceIn(overlay.vms('load-balancer'), 'keepalived.conf', [/^( *)interval [\d.]+/m, '$1interval 20']),
  },
]
