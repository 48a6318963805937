/** A project with a cluster that is wanted, on a driver in memory. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import type { ClusterDescription } from '../../src/cluster/render/describe-cluster.ts'
import { etcdClientUrls } from '../../src/cluster/render/etcd.ts'
import type { ClusterSpec } from '../../src/cluster/spec.ts'
import { timersOf } from '../../src/cluster/timers.ts'
import { FakeDriver } from '../../src/drivers/fake/fake-driver.ts'
import type { Wanted } from '../../src/lifecycle/boot-cluster.ts'
import { clustersDirOf } from '../../src/lifecycle/clusters-dir.ts'
import { specWith } from '../cluster-data/sample.ts'
import { useFakeClock } from '../platform/fake-clock.ts'

export interface Changes {
  readonly spec?: ClusterSpec
  /** By path: digests of the overlay's files; those that are not named are as always. */
  readonly files?: Readonly<Record<string, string>>
  /** What the image's one file holds. */
  readonly image?: string
}

export const etcdOnly = (etcdVms = '193-195'): ClusterSpec =>
  specWith({ k8sDisable: true, nvm: 0, masters: '', lbVms: '', nrouters: 0, etcdVms })

const usualFiles = { 'etc/hosts': 'a', 'etc/k8s-ha/vm-193/etcd.yaml': 'b', 'etc/k8s-ha/vm-194/etcd.yaml': 'c' }

/** A file that is as wanted keeps its time: that of a base counts. */
function writeOnce(file: string, text: string): void {
  if (!existsSync(file) || readFileSync(file, 'utf8') !== text) writeFileSync(file, text)
}

/** Gone when the test ends. */
export function makeProject(context: TestContext) {
  useFakeClock(context)
  const projectDir = mkdtempSync(join(tmpdir(), 'k8s-ha-lifecycle-'))
  context.after(() => rmSync(projectDir, { recursive: true, force: true }))
  const driver = new FakeDriver()
  const lines: string[] = []

  const wanted = ({ spec = etcdOnly(), files = {}, image = 'image' }: Changes = {}): Wanted => {
    const description: ClusterDescription = {
      ...{
        spec,
        timers: timersOf('default', { preempt: true }),
        etcd: etcdClientUrls(spec),
        clientFiles: {},
        vmDigests: {},
      },
      files: { ...usualFiles, ...files },
    }
    const [overlay, base] = ['overlay', 'base'].map(name => join(projectDir, name))
    for (const folder of [overlay, base]) mkdirSync(folder ?? '', { recursive: true })
    writeFileSync(join(overlay ?? '', 'files'), JSON.stringify(description.files))
    writeOnce(join(base ?? '', 'image'), image)
    const descriptionFile = join(projectDir, 'overlay.json')
    writeFileSync(descriptionFile, JSON.stringify(description))
    const below = [{ folder: base ?? '', mayChange: true }]
    return {
      ...{ driver, name: 'mine', spec, description, descriptionFile, base: below },
      stateDir: join(clustersDirOf(projectDir), 'mine'),
      layers: [{ folder: overlay ?? '', mayChange: true }, ...below],
    }
  }
  const around = (settings: Readonly<Record<string, string>> = {}, signal = new AbortController().signal) => ({
    ...{ signal, settings: new Map(Object.entries(settings)) },
    log: (text: string) => void lines.push(text),
  })
  return { projectDir, driver, lines, wanted, around }
}
