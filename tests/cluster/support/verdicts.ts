/** What the scenarios of a run say about the clusters, as far as this machine lets them say anything. */
import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import type { ScenarioRecord } from '../../../src/ha/record/record.ts'
import { type CliRun, runCli, shown } from './run-cli.ts'

/** Something waited for a CPU for so much of the time that outages tell of the machine. */
const starvedShare = 0.6

/** What holds on a machine of any speed. */
const timeless = [
  'no-lost-writes',
  'linearizable',
  'etcd-hashes-equal',
  'one-etcd-leader',
  'one-vip-owner',
  'watch-complete',
  'no-refused-certificates',
]

/**
 * Every scenario passed; or what failed is a matter of time, on a machine without a processor to spare: then that is told
 * with the test, and the rest is judged all the same. To be called after a run with --keep-going.
 */
export async function assertPassed(context: TestContext, run: CliRun, scenarios: readonly string[]): Promise<void> {
  // By its name: the latest run in a cache that is shared may be another's.
  const [, logs = ''] = / logs in (\S+)/.exec(run.stdout) ?? []
  const report = await runCli(['report', logs, '--json'])
  const records: readonly ScenarioRecord[] = report.stdout
    .split('\n')
    .filter(Boolean)
    .map(line => JSON.parse(line))
  assert.deepEqual(records.map(({ scenario }) => scenario).sort(), [...scenarios].sort(), shown(run))
  const failed = records.filter(({ verdict }) => verdict !== 'passed')
  for (const record of failed) {
    const starved = (record.cpuWait ?? 0) >= starvedShare
    const reasonsJudged = record.verdict === 'not judged' ? [] : record.reasons
    const judged = reasonsJudged.filter(reason => !starved || timeless.some(name => reason.startsWith(`${name}:`)))
    assert.deepEqual(judged, [], shown(run))
    const share = Math.round((record.cpuWait ?? 0) * 100)
    const reasons = record.reasons.join('; ')
    context.diagnostic(
      `${record.scenario} is not judged: processors were waited for ${share} % of its time: ${reasons}`,
    )
  }
  assert.equal(run.exitCode, failed.length === 0 ? 0 : 1, shown(run))
}
