/** The folder of Kubernetes' programs that VMs get as a layer: <output>/usr/bin. */
import { chmod, mkdir } from 'node:fs/promises'
import { join } from 'node:path'

export const programFolder = (output: string): string => join(output, 'usr/bin')

export async function makeProgramFolder(output: string): Promise<string> {
  const folder = programFolder(output)
  await mkdir(folder, { recursive: true })
  // Whatever umask this program runs with: the folders become a part of every VM's root.
  for (const part of [output, join(output, 'usr'), folder]) await chmod(part, 0o755)
  return folder
}
