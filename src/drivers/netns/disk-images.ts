/** Disks of limited size: image files with a file system, which a VM mounts by way of a loop device. */
import { closeSync, existsSync, ftruncateSync, globSync, openSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import type { Disk } from '../../cluster/spec.ts'
import { monotonicMs } from '../../platform/clock.ts'
import { failed } from '../../platform/failure.ts'
import { poll } from '../../platform/poll.ts'
import { runChecked } from '../../platform/processes/process.ts'
import { done, fail, ok, type Result } from '../../platform/result.ts'

const ending = '.ext4'
const releaseTimeoutMs = 30_000

/** In the VM's folder: "/var/lib/etcd" → "var-lib-etcd.ext4". */
export const imageOf = ({ folder }: Disk): string => `${folder.slice(1).replaceAll('/', '-')}${ending}`

export const imagesIn = (vmDir: string): readonly string[] => imagesAt(vmDir, `*${ending}`)

/** Of all VMs of the cluster with that state folder. */
export const imagesBelow = (stateDir: string): readonly string[] => imagesAt(stateDir, `vms/*/*${ending}`)

const imagesAt = (folder: string, pattern: string): readonly string[] =>
  globSync(pattern, { cwd: folder }).map(name => join(folder, name))

/** Unless it is there. It takes as much of the machine's disk as is written to it; it appears when it is complete. */
export async function makeImage(image: string, { mib }: Disk): Promise<Result<void>> {
  if (existsSync(image)) return done
  const fresh = `${image}.new`
  const file = openSync(fresh, 'w', 0o600)
  ftruncateSync(file, mib * 1024 * 1024)
  closeSync(file)
  const made = await runChecked(['mkfs.ext4', '-q', '-m', '0', fresh])
  if (!made.ok) return made
  renameSync(fresh, image)
  return done
}

/**
 * Resolves once no loop device has any of the images, which takes a moment after the end of the VM's processes.
 * `patience`: how many times longer than usual that may take.
 */
export async function released(images: readonly string[], patience: number): Promise<Result<void>> {
  const timeoutMs = releaseTimeoutMs * patience
  const deadline = monotonicMs() + timeoutMs
  for (const image of images) {
    const pace = { everyMs: 10, withinMs: deadline - monotonicMs() }
    const device = await poll(
      () => deviceOf(image),
      seen => !seen.ok || seen.value === '',
      pace,
    )
    if (!device.ok) return device
    if (device.value !== '')
      return fail(failed(`Cannot go on: ${device.value} still has "${image}" after ${timeoutMs / 1000} s`))
  }
  return done
}

/** "/dev/loop3"; empty when no device has it. */
async function deviceOf(image: string): Promise<Result<string>> {
  const asked = await runChecked(['losetup', '--noheadings', '--output', 'NAME', '--associated', image])
  return asked.ok ? ok(asked.value.stdout.trim()) : asked
}
