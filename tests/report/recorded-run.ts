/** Events of one run, as the engine emits them, for the reports' tests. */
import type { RunEvent } from '../../src/engine/events.ts'

const at = (seconds: number): string => new Date(Date.UTC(2026, 0, 1, 0, 0, 0) + seconds * 1000).toISOString()

export const recordedRun: readonly RunEvent[] = [
  { type: 'run-started', run: '20260101-000000', flow: 'test-ipv6', tasks: 4, at: at(0) },
  {
    type: 'task-finished',
    task: 'build-keepalived',
    status: 'up-to-date',
    because: 'nothing changed',
    durationMs: 1,
    at: at(0),
  },
  { type: 'task-started', task: 'make-overlay', because: 'input overlay/haproxy.cfg changed', at: at(0) },
  { type: 'task-output', task: 'make-overlay', stream: 'stdout', text: 'rendering ', at: at(0) },
  { type: 'task-output', task: 'make-overlay', stream: 'stdout', text: '9 VMs\n', at: at(0) },
  {
    type: 'task-finished',
    task: 'make-overlay',
    status: 'executed',
    because: 'input overlay/haproxy.cfg changed',
    key: 'ab',
    durationMs: 412,
    at: at(0.4),
  },
  { type: 'task-started', task: 'lb-reboot', because: 'never cached', at: at(1) },
  { type: 'task-progress', task: 'lb-reboot', text: 'vm-191 stopped', at: at(2) },
  { type: 'task-progress', task: 'lb-reboot', text: 'waiting for the VIP on vm-192', at: at(12) },
  {
    type: 'task-output',
    task: 'lb-reboot',
    stream: 'stderr',
    text: 'no answer\r\u001b[2Kstill <no> answer\n',
    at: at(13),
  },
  { type: 'warning', task: 'lb-reboot', text: 'the clock jumped', at: at(13) },
  { type: 'task-event', task: 'lb-reboot', kind: 'fault-began', data: { fault: 'stop', vm: 'vm-191' }, at: at(13) },
  {
    type: 'task-finished',
    task: 'lb-reboot',
    status: 'failed',
    because: 'never cached',
    durationMs: 61_000,
    failure: {
      kind: 'failed',
      message: 'The API did not answer through the VIP within 60 s',
      last: 'connection refused, 41 times',
      log: '/project/cache/runs/20260101-000000/lb-reboot',
    },
    at: at(62),
  },
  { type: 'task-finished', task: 'summary', status: 'skipped', because: 'lb-reboot failed', durationMs: 0, at: at(62) },
  {
    type: 'run-finished',
    run: '20260101-000000',
    status: 'failed',
    durationMs: 62_000,
    counts: { executed: 1, restored: 0, 'up-to-date': 1, failed: 1, skipped: 1 },
    runDir: '/project/cache/runs/20260101-000000',
    at: at(62),
  },
]
