/** Load balancers: haproxy in front of the apiservers, keepalived for the address by which they are reached. */
import { hostLength, hostPort, ipFamily } from '../address.ts'
import { traitsOf } from '../kubernetes/versions.ts'
import { type OverlayFile, plain, secret, type TemplatedFile } from '../overlay-file.ts'
import { pem } from '../pki/pki.ts'
import { addressOf, type ClusterSpec, familiesOf, type VmSpec, withRole } from '../spec.ts'
import type { Timers } from '../timers.ts'
import type { ClusterData } from './cluster-data.ts'
import { inVm, vmDir } from './vm-folder.ts'

export const apiPort = 6443
/** Where haproxy says what it is good for: to keepalived, to itself, and to the other load balancers. */
const statusPort = 6444

export function renderLoadBalancer(data: ClusterData, vm: VmSpec): (OverlayFile | TemplatedFile)[] {
  const { spec, timers } = data
  // Without Kubernetes there are no apiservers, and no certificates to ask them with.
  if (!spec.kubernetes) return []
  return [...haproxy(data, vm), ...(spec.keepalived ? keepalived(spec, timers, vm) : [])]
}

function haproxy({ spec, timers, pki }: ClusterData, vm: VmSpec): (OverlayFile | TemplatedFile)[] {
  const families = familiesOf(spec)
  const servers = (vms: readonly VmSpec[], port: number) =>
    vms.map(one => `    server ${one.name} ${hostPort(addressOf(one, families[0]), port)}`).join('\n')
  const apiservers = withRole(spec, 'control-plane')
  // Every address, the VIP among them whether it is here or not.
  const bind = (port: number) => (families.includes('IPv6') ? `:::${port} v4v6` : `0.0.0.0:${port}`)
  const { apiCheck, proxy } = timers
  return [
    {
      path: inVm(vm, 'haproxy.cfg'),
      template: 'etc/haproxy/haproxy.cfg.template',
      variables: {
        VM: vm.name,
        DIR: vmDir(vm),
        READY_PATH: traitsOf(spec.kubernetes).readyPath,
        BIND: bind(apiPort),
        STATUS_BIND: bind(statusPort),
        STATUS_PORT: statusPort,
        SERVERS: servers(apiservers, apiPort),
        BALANCERS: servers(
          withRole(spec, 'load-balancer').filter(({ id }) => id !== vm.id),
          statusPort,
        ),
        PREFERRED: apiservers.map(({ name }) => preferred(name)).join('\n'),
        CONNECT_TIMEOUT_MS: proxy.connectTimeoutMs,
        IDLE_TIMEOUT_MS: proxy.idleTimeoutMs,
        CHECK_TIMEOUT_MS: apiCheck.timeoutMs,
        INTER_MS: apiCheck.interMs,
        FAST_INTER_MS: apiCheck.fastInterMs,
        DOWN_INTER_MS: apiCheck.downInterMs,
        FALL: apiCheck.fall,
        ETCD_FALL: apiCheck.etcdFall,
        RISE: apiCheck.rise,
      },
    },
    // haproxy wants certificate and key in one file.
    secret(inVm(vm, 'pki/health-check.pem'), pem(pki, 'health-check.crt') + pem(pki, 'health-check.key')),
  ]
}

const preferred = (server: string): string =>
  `    http-request return status 200 if { path /preferred/${server} } { srv_is_up(apiservers-with-etcd/${server}) }`

const seconds = (ms: number): number => ms / 1000

/** Distinct by construction: equal priorities would leave the choice to the addresses. */
export function vrrpPriority(spec: ClusterSpec, timers: Timers, vm: VmSpec): number {
  const rank = withRole(spec, 'load-balancer').findIndex(({ id }) => id === vm.id)
  return timers.vrrp.firstPriority - rank * timers.vrrp.priorityStep
}

function keepalived(spec: ClusterSpec, timers: Timers, vm: VmSpec): (OverlayFile | TemplatedFile)[] {
  const { haproxyCheck, vrrp } = timers
  const instances = spec.vips.map(vip => ({ vip, family: ipFamily(vip) }))
  return [
    {
      path: inVm(vm, 'keepalived.conf'),
      template: 'etc/keepalived/keepalived.conf.template',
      variables: {
        VM: vm.name,
        DIR: vmDir(vm),
        GARP_REFRESH_S: seconds(vrrp.garpRefreshMs),
        CHECK_INTERVAL_S: seconds(haproxyCheck.intervalMs),
        CHECK_TIMEOUT_S: seconds(haproxyCheck.timeoutMs),
        CHECK_FALL: haproxyCheck.fall,
        USEFUL_FALL: haproxyCheck.usefulFall,
        CHECK_RISE: haproxyCheck.rise,
        SYNC_GROUP: syncGroup(instances.map(({ family }) => family)),
      },
    },
    ...instances.map(({ vip, family }) => ({
      path: inVm(vm, `vrrp-${family}.conf`),
      template: 'etc/keepalived/vrrp-instance.conf.template',
      variables: {
        FAMILY: family,
        VIP: vip,
        VIP_LENGTH: hostLength(vip),
        PRIORITY: vrrpPriority(spec, timers, vm),
        ADVERT_INTERVAL_S: seconds(vrrp.advertIntervalMs),
        PREEMPTION: vrrp.preempt ? '# The load balancer with the highest priority takes the VIP back.' : 'nopreempt',
      },
    })),
    // What to remove before keepalived starts: see run-keepalived.
    plain(inVm(vm, 'vips'), instances.map(({ vip }) => `${vip}/${hostLength(vip)}\n`).join('')),
  ]
}

/** Two families' VIPs move together. */
const syncGroup = (instances: readonly string[]): string =>
  instances.length < 2
    ? '# One VIP: nothing to keep together.'
    : `vrrp_sync_group vips {\n    group {\n${instances.map(name => `        ${name}\n`).join('')}    }\n}`
