/**
 * Pins what a version is built from: writes tasks/<product>/modules/<minor>/go.mod and go.sum.
 *
 *     node scripts/pin-modules.ts kubernetes 1.36.3
 *     node scripts/pin-modules.ts etcd 3.6.16
 *
 * Needs network and a `go` of this machine that is not older than the one the version asks for. Commit both files:
 * go.sum is the pin: Go refuses everything that differs from what was downloaded here.
 */
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

interface Wrapper {
  /** The module that says which Go the version asks for, and with `replaced` which modules it keeps beside itself. */
  readonly main: string
  readonly programs: readonly string[]
  readonly requires: readonly string[]
  /** The version of modules that upstream takes from folders beside the main one. */
  readonly besides?: (version: string) => string
}

/** Kubernetes keeps its other modules in staging/, and publishes each as v0.<minor>.<patch>. */
const wrappers: Readonly<Record<string, Wrapper>> = {
  kubernetes: {
    main: 'k8s.io/kubernetes',
    programs: ['kube-apiserver', 'kube-controller-manager', 'kube-proxy', 'kube-scheduler', 'kubectl', 'kubelet'].map(
      program => `k8s.io/kubernetes/cmd/${program}`,
    ),
    requires: ['k8s.io/kubernetes'],
    besides: version => version.replace(/^1\./, '0.'),
  },
  etcd: {
    main: 'go.etcd.io/etcd/server/v3',
    programs: ['server', 'etcdctl', 'etcdutl'].map(module => `go.etcd.io/etcd/${module}/v3`),
    requires: ['server', 'etcdctl', 'etcdutl'].map(module => `go.etcd.io/etcd/${module}/v3`),
  },
}

const [product = '', version = ''] = process.argv.slice(2)
const wrapper = wrappers[product]
const [, minor] = /^(\d+\.\d+)\.\d+$/.exec(version) ?? []
if (wrapper === undefined || minor === undefined) {
  process.stderr.write(`usage: node scripts/pin-modules.ts ${Object.keys(wrappers).join('|')} <version, like 1.36.3>\n`)
  process.exit(2)
}

const folder = join(import.meta.dirname, '../tasks', product, 'modules', minor)
// The machine's own settings of Go count, but not those that would change what is asked for.
const flags = (process.env.GOFLAGS ?? '').split(' ').filter(flag => flag !== '' && !flag.startsWith('-mod='))
const env = { ...process.env, GOTOOLCHAIN: 'local', GOFLAGS: [...flags, '-mod=mod'].join(' ') }
const go = (...args: readonly string[]) => execFileSync('go', args, { cwd: folder, env, encoding: 'utf8' })

rmSync(folder, { recursive: true, force: true })
mkdirSync(folder, { recursive: true })
writeFileSync(join(folder, 'go.mod'), `module k8s-ha.local/${product}\n`)
const upstream: { readonly GoMod: string } = JSON.parse(go('mod', 'download', '-json', `${wrapper.main}@v${version}`))
writeFileSync(join(folder, 'go.mod'), goMod(wrapper, readFileSync(upstream.GoMod, 'utf8')))
rmSync(join(folder, 'go.sum'), { force: true })
go('mod', 'tidy')
process.stdout.write(`${product} ${version}: ${folder}\n`)

function goMod({ programs, requires, besides }: Wrapper, theirs: string): string {
  const [, goVersion] = /^go (\S+)$/m.exec(theirs) ?? []
  if (goVersion === undefined) throw new Error(`${wrapper?.main} does not say which Go it wants`)
  const replaced = besides ? [...theirs.matchAll(/^\s*(\S+) => \.\/staging\//gm)].map(([, module]) => module) : []
  const blocks = [
    block('tool', programs),
    block(
      'require',
      requires.map(module => `${module} v${version}`),
    ),
    block(
      'replace',
      replaced.map(module => `${module} => ${module} v${besides?.(version)}`),
    ),
  ]
  return [`module k8s-ha.local/${product}`, `go ${goVersion}`, ...blocks].filter(Boolean).join('\n\n')
}

function block(directive: string, lines: readonly string[]): string {
  return lines.length === 0 ? '' : `${directive} (\n${lines.map(line => `\t${line}\n`).join('')})\n`
}
