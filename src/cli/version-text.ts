/** What `k8s-ha --version` prints. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../platform/package-root.ts'

export function versionText(): string {
  const manifest: unknown = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8'))
  const version = manifest instanceof Object && 'version' in manifest ? String(manifest.version) : 'unknown'
  return `k8s-ha ${version} (Node.js ${process.version})`
}
