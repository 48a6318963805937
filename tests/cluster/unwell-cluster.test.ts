/** A scenario that leaves its cluster unwell fails alone: the next ones get a cluster that is well, or are not judged. */
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { after, test } from 'node:test'
import type { ScenarioRecord } from '../../src/ha/record/record.ts'
import { OwnProject } from './support/own-project.ts'
import { checkout, runCli, shown } from './support/run-cli.ts'

const project = new OwnProject()
after(() => project.remove())

const scenario = (how: string) => (name: string, need: string) =>
  `
  ${name}:
    uses: run-scenario
    needs: [${need}]
    cache: false
    with:
      cluster: etcd
      ${how}
`
/** A member with an empty disk does not come back by itself, and nothing that heals faults brings it back. */
const spoil = scenario(`expect-caught: well-at-the-end
      steps: [{ power-off: etcd 1 }, { lose-disk: etcd 1 }, { boot: etcd 1 }]`)
const look = scenario(`steps: [{ check: etcd-healthy, within: 5 }, { wait: 2 }]
      budgets: { writes: unnoticed }`)
const tasks = [
  spoil('spoiled', 'start-etcd'),
  look('on-a-new-one', 'spoiled'),
  spoil('spoiled-again', 'on-a-new-one'),
  look('not-its-doing', 'spoiled-again'),
]
const workflow = `description: Spoils its cluster twice\ninclude: [etcd-vm-reboot]\ntasks:${tasks.join('')}`

test('the cluster is booted anew once; spoiled again, it is given up, and nobody fails for it', async () => {
  writeFileSync(project.path('workflows/unwell.yaml'), workflow)
  const run = await runCli(['flow', 'unwell', '--only', 'not-its-doing', '--set', 'patience=1', ...project.options])
  const [, logs = ''] = / logs in (\S+)/.exec(run.stdout) ?? []
  const recordOf = (task: string): ScenarioRecord =>
    JSON.parse(readFileSync(resolve(checkout, logs, task, 'scenario.json'), 'utf8'))
  assert.equal(recordOf('spoiled').verdict, 'caught', shown(run))
  assert.equal(recordOf('on-a-new-one').verdict, 'passed', shown(run))
  assert.equal(recordOf('spoiled-again').verdict, 'caught', shown(run))
  const { verdict, reasons } = recordOf('not-its-doing')
  assert.equal(verdict, 'not judged', shown(run))
  assert.match(reasons.join(), /^unwell-before: the cluster is not well since .*booted anew once already/)
  assert.match(run.stdout, /^not judged in /m, shown(run))
  assert.equal(run.exitCode, 1, shown(run))
})
