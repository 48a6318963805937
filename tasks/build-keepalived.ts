/** Task type: keepalived, built from unpacked sources on a build root, installed into a folder. */
import { availableParallelism } from 'node:os'
import * as v from 'valibot'
import { defineTaskType, needOutput } from '../src/engine/workflow/task-type.ts'
import { ok } from '../src/platform/result.ts'
import { buildInRoot, inProject } from './roots/build-in-root.ts'

/** $1: sources, $2: where to install, $3: number of jobs. The folder is always /build, so the result does not depend on
 * where the project lies. */
const script = `
cp -a "$1/." .
echo '== configure'
./configure --disable-systemd --prefix=/usr --sysconfdir=/etc
echo "== compile $(make -n | grep -c 'echo "  CC ')"
make -j"$3"
echo '== install'
make DESTDIR="$2" install
`

export default defineTaskType({
  name: 'build-keepalived',
  description: 'keepalived, built from unpacked sources on a build root',
  /** The needs that made the build root and the unpacked sources. */
  schema: v.strictObject({ root: v.string(), source: v.string() }),
  hostTools: ['ip', 'mount', 'zstd'],
  requiresRoot: true,
  async run(context) {
    const root = needOutput(context, context.with.root)
    if (!root.ok) return root
    const source = needOutput(context, context.with.source)
    if (!source.ok) return source
    const [output = ''] = context.outputs
    const progress = new Progress(text => context.progress(text))
    const built = await buildInRoot(context, {
      root: root.value,
      script,
      args: [inProject(context, source.value), inProject(context, output), `${availableParallelism()}`],
      inputs: [source.value],
      env: { SOURCE_DATE_EPOCH: '0' },
      onLine: line => progress.add(line),
    })
    return built.ok ? ok('installed with --prefix=/usr --sysconfdir=/etc') : built
  },
})

class Progress {
  readonly #report: (text: string) => void
  #phase = 'configure'
  #files = 0
  /** Checks of configure, then files. */
  #done = 0

  constructor(report: (text: string) => void) {
    this.#report = report
  }

  add(line: string): void {
    const [, phase, files] = /^== (\w+) ?(\d+)?$/.exec(line) ?? []
    if (phase !== undefined) {
      this.#phase = phase
      this.#files = Number(files ?? 0)
      this.#done = 0
      if (phase === 'install') this.#report('step 3 of 3 · install')
    } else if (this.#phase === 'configure' && line.startsWith('checking ')) {
      this.#report(`step 1 of 3 · configure · ${++this.#done} checks`)
    } else if (this.#phase === 'compile' && /^\s+CC\s/.test(line)) {
      this.#report(`step 2 of 3 · ${++this.#done} of ${this.#files} files compiled`)
    }
  }
}
