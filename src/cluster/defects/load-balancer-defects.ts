/** Mistakes in the configuration of haproxy and keepalived. */
import type { VmSpec } from '../spec.ts'
import type { Defect } from './defect.ts'
import type { PatchedOverlay } from './patched-overlay.ts'

type Change = readonly [pattern: RegExp, text: string]

const haproxy = 'haproxy.cfg'
const keepalived = 'keepalived.conf'
/** The first of them stays. */
const oneServer = [/^( {4}server [^\n]*)(?:\n {4}server [^\n]*)+$/m, '$1'] as const

/** The same change of a file on every load balancer. */
const onEach =
  (file: string, ...change: Change): Defect['plant'] =>
  overlay =>
    overlay.replaceIn(overlay.vms('load-balancer'), file, change)

/** Of each VIP, on these load balancers. */
function inInstances(overlay: PatchedOverlay, vms: readonly VmSpec[], ...change: Change): void {
  for (const vm of vms) for (const path of overlay.filesOf(vm, 'vrrp-')) overlay.replace(path, ...change)
}

export const haproxyDefects: readonly Defect[] = [
  {
    name: 'haproxy-one-apiserver',
    mistake: 'haproxy knows one apiserver only',
    caughtBy: { scenario: 'control-plane-stop', reason: 'reads' },
    plant: onEach(haproxy, ...oneServer),
  },
  {
    name: 'haproxy-no-check',
    mistake: "haproxy's servers are not checked",
    caughtBy: { scenario: 'control-plane-away', reason: 'no-dead-sessions' },
    plant: onEach(haproxy, /default-server check check-ssl/, 'default-server'),
  },
  {
    name: 'haproxy-tcp-check',
    mistake: 'haproxy takes every apiserver that accepts connections for ready',
    caughtBy: { scenario: 'apiserver-freeze', reason: 'reads-disturbed' },
    plant: onEach(
      haproxy,
      /^ *option httpchk\n(?:.*\n)*? *default-server check check-ssl .*$/m,
      '    option tcp-check\n    default-server check',
    ),
  },
  {
    name: 'haproxy-ignores-etcd',
    mistake: 'haproxy does not ask whether an apiserver reaches etcd',
    caughtBy: { scenario: 'control-plane-cut-from-etcd', reason: 'apiservers-balanced' },
    plant: onEach(
      haproxy,
      /^ *http-check connect addr .*\n *http-check send .*\n *http-check expect status 200\n/m,
      '',
    ),
  },
  {
    name: 'haproxy-slow-check',
    mistake: 'haproxy looks at an apiserver every 20 s, and wants three failures',
    caughtBy: { scenario: 'control-plane-away', reason: 'no-dead-sessions' },
    plant: onEach(
      haproxy,
      // Servers that are down, as all are at first, are still looked at often.
      /inter \d+ms fastinter \d+ms (downinter \d+ms) fall \d+/,
      'inter 20s fastinter 20s $1 fall 3',
    ),
  },
  {
    name: 'haproxy-keeps-sessions',
    mistake: 'haproxy keeps the connections to an apiserver that it found dead',
    caughtBy: { scenario: 'control-plane-away', reason: 'no-dead-sessions' },
    plant: onEach(haproxy, /^ *default-server on-marked-down shutdown-sessions\n/m, ''),
  },
  {
    name: 'backup-knows-one-apiserver',
    mistake: 'the haproxy of the second load balancer knows one apiserver only',
    caughtBy: { scenario: 'soak', reason: 'well-at-the-end' },
    plant: overlay => overlay.replaceIn(overlay.vm('load-balancer', 2), haproxy, oneServer),
  },
  {
    name: 'haproxy-short-idle',
    mistake: 'haproxy cuts connections that are quiet for 3 s',
    caughtBy: { scenario: 'quiet-watch', reason: 'quiet-watch-holds' },
    plant: onEach(haproxy, /timeout (client|server|tunnel) \d+ms/g, 'timeout $1 3s'),
  },
]

export const keepalivedDefects: readonly Defect[] = [
  {
    name: 'keepalived-on-one',
    mistake: 'only the first load balancer has keepalived',
    caughtBy: { scenario: 'lb-owner-stop', reason: 'reads' },
    plant(overlay) {
      for (const vm of overlay.vm('load-balancer', 2)) overlay.remove(overlay.filesOf(vm, keepalived))
    },
  },
  {
    name: 'vrrp-ids-differ',
    mistake: "the load balancers' virtual router ids differ, so that each believes itself alone",
    caughtBy: { scenario: 'soak', reason: 'one-vip-owner' },
    plant: overlay =>
      inInstances(overlay, overlay.vm('load-balancer', 2), /virtual_router_id \d+/, 'virtual_router_id 52'),
  },
  {
    name: 'vrrp-rare-adverts',
    mistake: 'the first load balancer announces only every 5 s that it owns the VIP',
    caughtBy: { scenario: 'lb-owner-stop', reason: 'reads' },
    plant: overlay => inInstances(overlay, overlay.vm('load-balancer', 1), /advert_int [\d.]+/, 'advert_int 5'),
  },
  {
    name: 'no-track-script',
    mistake: 'keepalived does not look at haproxy',
    caughtBy: { scenario: 'haproxy-kill', reason: 'reads' },
    plant: overlay => inInstances(overlay, overlay.vms('load-balancer'), /^ *track_script \{[^}]*\}\n/m, ''),
  },
  {
    name: 'slow-track-script',
    mistake: 'keepalived looks at haproxy every 20 s',
    caughtBy: { scenario: 'haproxy-kill', reason: 'reads' },
    plant: onEach(keepalived, /^( *)interval [\d.]+/m, '$1interval 20'),
  },
  {
    name: 'keepalived-ignores-backends',
    mistake: 'keepalived does not ask whether haproxy reaches an apiserver',
    caughtBy: { scenario: 'lb-owner-cut-from-apiservers', reason: 'reads' },
    plant: overlay => inInstances(overlay, overlay.vms('load-balancer'), /^ *apiservers\n/m, ''),
  },
  {
    name: 'keepalived-small-weight',
    mistake: 'a dead haproxy costs its load balancer less priority than the other has less',
    caughtBy: { scenario: 'haproxy-kill', reason: 'reads' },
    plant: onEach(keepalived, /^( *)init_fail\n/m, '$1init_fail\n$1weight 2\n'),
  },
  {
    name: 'keepalived-no-refresh',
    mistake: 'the owner of the VIP announces itself once, and not again after a split brain',
    caughtBy: { scenario: 'lb-owner-isolated', reason: 'neighbours-follow' },
    plant: onEach(
      keepalived,
      /^ *vrrp_garp_master_refresh .*\n *vrrp_garp_master_refresh_repeat .*\n *vrrp_higher_prio_send_advert .*\n/m,
      '',
    ),
  },
]
