/** `k8s-ha init`: a small workflow with comments, for a start. */
import { existsSync, realpathSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { usage } from '../../platform/failure.ts'
import { makeFolder } from '../../platform/files.ts'
import { fail, ok } from '../../platform/result.ts'
import { systemFailure } from '../../platform/system-error.ts'
import type { CommandSpec, Invocation } from '../command.ts'
import { nearestProject } from '../project-folder.ts'

const workflow = `# k8s-ha flow hello          runs it; a second time it is up to date
# k8s-ha flow hello --watch  runs it again when an input changes
# k8s-ha why hello           says what would run, and why
description: Greets everyone in hello/names.txt

params:
  greeting:
    description: what to say
    default: hello
    enum: [hello, moin]

tasks:
  greet:
    description: one greeting for each name
    # bash, -euo pipefail, in the project's folder. A parameter is always one word, never code.
    run: |
      while read -r name; do
        echo \${{ params.greeting }} "$name"
      done < hello/names.txt > out/greetings.txt
    # All that the result depends on: paths and globs.
    inputs: hello/names.txt
    # What it makes. A run removes these before the task starts; nothing else may be in there.
    outputs: out/greetings.txt

  count:
    description: how many there are
    # Runs after greet, and may read what that made.
    needs: greet
    run: wc -l < out/greetings.txt | tee out/count.txt
    outputs: out/count.txt

# More keys: docs/adding-a-task.md of k8s-ha, and docs/workflow.schema.json for editors.
`

const files = {
  'workflows/hello.yaml': workflow,
  'hello/names.txt': 'world\nbuild\n',
} as const

/** Who makes a project in a clone need not be asked whether to trust it. Where that cannot be kept, the user is asked. */
async function trustOwn(projectDir: string, environment: Invocation['environment']): Promise<void> {
  const { whyForeign } = await import('../trust/why-foreign.ts')
  if (whyForeign(projectDir, environment) === undefined) return
  const { trust } = await import('../trust/trusted-projects.ts')
  try {
    trust({ projectDir, environment }, undefined)
  } catch {}
}

export default {
  details: 'Writes workflows/hello.yaml and hello/names.txt, which it reads.',

  async run({ cwd, console, environment }) {
    const project = nearestProject(cwd)
    if (project !== undefined)
      return fail(
        usage(
          `Cannot make a project in ${cwd}: ${project === cwd ? 'there is one' : `it belongs to the one in ${project}`}`,
          {
            try: 'k8s-ha flow   lists its workflows',
          },
        ),
      )
    const taken = Object.keys(files).filter(name => existsSync(join(cwd, name)))
    if (taken.length > 0) return fail(usage(`Cannot make a project in ${cwd}: ${taken.join(', ')} is there already`))
    try {
      for (const [name, text] of Object.entries(files)) {
        makeFolder(dirname(join(cwd, name)))
        writeFileSync(join(cwd, name), text, { flag: 'wx' })
        console.out(`wrote ${name}\n`)
      }
    } catch (error) {
      return fail(systemFailure(`Cannot make a project in ${cwd}`, error))
    }
    await trustOwn(realpathSync(cwd), environment)
    console.err('\nNow: k8s-ha flow hello\n')
    return ok(0)
  },
} satisfies CommandSpec
