/** A project of a user in a temporary folder. */
import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { write } from './checkout.ts'

/** Two cached tasks and one that always runs. */
export const compileWorkflow = `
description: compiles, then checks
params:
  greeting: { default: hello, enum: [hello, moin], description: what to say, env: GREETING }
tasks:
  compile:
    description: joins the sources
    run: cat src/*.txt > out/all; echo \${{ params.greeting }} >> out/all
    inputs: ["src/*.txt"]
    outputs: [out/all]
  count:
    run: wc -l < out/all > out/lines
    needs: [compile]
    outputs: [out/lines]
`

/** Its path; removed when the test has ended. */
export function makeProject(context: TestContext, files: Readonly<Record<string, string>>): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'k8s-ha-project-')))
  context.after(() => rmSync(folder, { recursive: true, force: true }))
  write(folder, { 'k8s-ha.yaml': '', 'src/a.txt': 'a\n', 'workflows/compile.yaml': compileWorkflow, ...files })
  return folder
}
