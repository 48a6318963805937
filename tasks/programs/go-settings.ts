/** How this machine's Go reaches modules: its environment variables, and the file that `go env -w` writes. */
import { existsSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Mount } from '../../src/sandbox/mount.ts'
import { hostEnv } from '../sources/host-env.ts'

/** What has to do with downloads: https://go.dev/ref/mod#environment-variables. */
const names = [
  ...['GOPROXY', 'GONOPROXY', 'GOPRIVATE', 'GOINSECURE', 'GOAUTH', 'GOFLAGS', 'GOVCS'],
  ...['GOSUMDB', 'GONOSUMDB', 'GONOSUMCHECK', 'GODEBUG'],
]

/** Where distributions keep the certificates of authorities, Debian's place first. */
const certificateFiles = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/ssl/cert.pem',
]

export type Environment = Readonly<Record<string, string | undefined>>

/** By name; a variable of the environment counts more than the file. */
export function goSettings(environment: Environment): ReadonlyMap<string, string> {
  const written = readGoEnv(environment)
  const pairs = names.map(name => [name, environment[name] || written.get(name)] as const)
  return new Map(pairs.filter((pair): pair is [string, string] => pair[1] !== undefined && pair[1] !== ''))
}

function readGoEnv(environment: Environment): ReadonlyMap<string, string> {
  const { GOENV: file = join(environment.XDG_CONFIG_HOME ?? join(homedir(), '.config'), 'go/env') } = environment
  if (file === 'off' || !existsSync(file)) return new Map()
  const lines = readFileSync(file, 'utf8').split('\n')
  const pairs = lines.map(line => /^([A-Z][A-Z0-9_]*)=(.*)$/.exec(line.trim()))
  return new Map(pairs.flatMap(match => (match ? [[match[1] ?? '', match[2] ?? ''] as const] : [])))
}

/** Why no module can be had with these settings; undefined when that is not known before it is tried. */
export function proxyProblem(settings: ReadonlyMap<string, string>): string | undefined {
  const proxy = settings.get('GOPROXY')
  if (proxy === undefined) return undefined
  const places = proxy.split(/[,|]/).map(place => place.trim())
  if (places[0] === 'off') return 'GOPROXY=off: this machine is set up to download no modules'
  if (places.every(place => place === 'direct' || place === 'off' || place === ''))
    return `GOPROXY=${proxy} names no module proxy; modules are not fetched from version control here`
  return undefined
}

export interface GoNetwork {
  readonly env: Readonly<Record<string, string>>
  /** Files that the settings name: certificates, passwords, a proxy that is a folder. */
  readonly mounts: readonly Mount[]
}

/** What `go` in a sandbox with network needs to reach modules as it would outside. */
export function goNetwork(settings: ReadonlyMap<string, string>, environment: Environment): GoNetwork {
  const { PATH: _, HOME: __, ...proxies } = hostEnv()
  const certificates = environment.SSL_CERT_FILE || certificateFiles.find(file => existsSync(file))
  const netrc = environment.NETRC || join(homedir(), '.netrc')
  const mounts = [
    ...(certificates === undefined ? [] : [{ from: certificates, to: certificates }]),
    { from: netrc, to: '/root/.netrc' },
    ...proxyFolders(settings.get('GOPROXY') ?? '').map(folder => ({ from: folder, to: folder })),
  ]
  return {
    env: {
      ...proxies,
      ...Object.fromEntries(settings),
      ...(settings.has('GOPROXY') ? { GOPROXY: withoutDirect(settings.get('GOPROXY') ?? '') } : {}),
      ...(certificates === undefined ? {} : { SSL_CERT_FILE: certificates }),
    },
    mounts: mounts.filter(({ from }) => existsSync(from)).map(mount => ({ ...mount, writable: false })),
  }
}

/** The build root has no git: to try it would hide what the proxy answered. */
const withoutDirect = (proxy: string): string => proxy.replace(/[,|]\s*direct\b.*$/, '')

function proxyFolders(proxy: string): readonly string[] {
  const urls = proxy.split(/[,|]/).filter(place => place.trim().startsWith('file:'))
  return urls.flatMap(url => {
    try {
      return [fileURLToPath(url.trim())]
    } catch {
      return []
    }
  })
}
