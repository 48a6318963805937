/** What a CNI wants of the kernel, which VMs made of namespaces share with this machine. */
import { existsSync, readFileSync } from 'node:fs'
import type { CniWants } from '../../cluster/cni/cni-wants.ts'
import { environment, type Failure, together } from '../../platform/failure.ts'
import { runProcess } from '../../platform/processes/process.ts'
import { done, fail, type Result } from '../../platform/result.ts'

/** Loads modules that are missing; they stay loaded, as those of any program of this machine. */
export async function provideKernelParts({ mounts, modules }: CniWants): Promise<Result<void>> {
  const problems: Failure[] = []
  const fileSystems = readFileSync('/proc/filesystems', 'utf8')
    .split('\n')
    .map(line => line.split('\t')[1])
  for (const type of mounts)
    if (!fileSystems.includes(type))
      problems.push(environment(`Cannot give VMs the file system "${type}": this kernel has none of that type`))
  for (const module of modules) {
    if (isThere(module)) continue
    const loaded = await runProcess(['modprobe', module])
    if (loaded.ok && loaded.value.exitCode === 0) continue
    const last = loaded.ok ? loaded.value.stderr.trim() : loaded.failure.message
    problems.push(
      environment(`Cannot give VMs the kernel module "${module}", which the CNI wants`, {
        last,
        try: `load it on this machine, or, if it is part of the kernel, take it out of cni.yaml`,
      }),
    )
  }
  return problems.length === 0 ? done : fail(together(problems))
}

/** Loaded, or a part of the kernel that has settings. */
const isThere = (module: string): boolean => existsSync(`/sys/module/${module.replaceAll('-', '_')}`)
