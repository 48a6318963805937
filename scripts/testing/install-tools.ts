/** Installs the host programs that tests start; flows install what they need themselves. */
import { findTool, missingPackages } from '../../src/cli/machine/host-tools.ts'
import { installPackages } from '../../src/cli/machine/install-packages.ts'

/** False when something is missing and cannot be installed; says what to do. */
export async function installTools(files: readonly string[]): Promise<boolean> {
  const browser = files.some(file => file.includes('browser')) ? ['chromium'] : []
  // Debian's Redis server is a program of this package; the package redis-server would start one that stays.
  const redis = files.some(file => file.startsWith('tests/remote/')) && !findTool('redis-check-rdb')
  const tools = ['busybox', 'ip', 'losetup', 'mkfs.ext4', 'nft', 'openssl', 'patch', 'xz', 'zstd', ...browser]
  const missing = [...missingPackages(tools), ...(redis ? ['redis-tools'] : [])]
  if (missing.length === 0) return true
  const installed = await installPackages(missing, {
    allowed: true,
    environment: process.env,
    signal: new AbortController().signal,
    say: text => process.stdout.write(`${text}\n`),
  })
  if (installed.ok) return true
  const { message, last, try: mend } = installed.failure
  process.stderr.write(`error: ${[message, last, mend].filter(Boolean).join('\n  ')}\n`)
  return false
}
