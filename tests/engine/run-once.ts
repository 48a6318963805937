/** Runs a project's workflow in a process of its own, so that tests can kill it: node run-once.ts <options as JSON>. */
import { runFlow } from '../../src/engine/run-flow.ts'

interface Options {
  readonly projectDir: string
  readonly cacheDir: string
  readonly workflow: string
  readonly dryRun?: boolean
}

const options: Options = JSON.parse(process.argv[2] ?? '{}')
const result = await runFlow({ environment: {}, taskTypes: {}, ...options }, options, {
  ...options,
  emit: event => {
    if (event.type === 'warning') process.stderr.write(`${event.text}\n`)
  },
})
process.stdout.write(`${JSON.stringify(result)}\n`)
process.exitCode = result.ok && result.value.status === 'passed' ? 0 : 1
