import assert from 'node:assert/strict'
import { test } from 'node:test'
import { junitOf } from './junit-of.ts'
import { sampleRun } from './sample-run.ts'

test('a scenario is one test case: reasons are its failure, a skipped one is skipped, all text is escaped', context => {
  const xml = junitOf(sampleRun(context))
  assert.match(xml, /<testsuite name="verify" tests="9" failures="2" errors="0" skipped="2"/)
  const caseOf = (name: string) => xml.split('<testcase ').find(part => part.startsWith(`name="${name}"`)) ?? ''
  assert.match(caseOf('lb-owner-stop'), /classname="verify\.lb-owner-stop" time="12\.345"/)
  assert.match(caseOf('lb-owner-stop'), /ok writes: 3\.9 of 4\.1 s \(vip-move = 3 × 1000 ms adverts/)
  assert.doesNotMatch(caseOf('lb-owner-stop'), /<failure|<skipped/)
  const failed = caseOf('partition-lbs[IPv6]')
  assert.equal(failed.match(/<failure /g)?.length, 1)
  assert.match(failed, /<failure message="no-lost-writes: expected: .* type="failed">no-lost-writes: expected:/s)
  assert.match(failed, /OVER writes: 5\.3 of 4\.1 s/)
  assert.match(failed, /OVER writes-disturbed: 9\.7 of 4\.1 s/)
  assert.match(failed, /OVER writes-failed: 61\.2 of 40\.6 % \(1 × 4\.1 s in 10 s\)/)
  assert.match(failed, /BROKEN no-lost-writes: key probe\/17 = 93 is not on vm-195/)
  assert.match(failed, /<system-err>== vm-195 etcd\.log\netcd: panic: &lt;\/script&gt;/)
  assert.match(caseOf('power-cut'), /<skipped message="driver netns cannot cut the power: the page cache survives"\/>/)
  assert.match(caseOf('never-ran'), /<skipped message="start-cluster\[stacked\] failed"\/>/)
  assert.doesNotMatch(xml, /<img|[^\P{Cc}\n]/u)
})
