/** Which load balancer has which VIP, from when to when, as each one's kernel reports it at each change. */
import { withRole } from '../../cluster/spec.ts'
import type { Cluster, Vm } from '../../drivers/driver.ts'
import { monotonicMs, sleep } from '../../platform/clock.ts'
import { WholeLines } from '../../platform/whole-lines.ts'
import type { FaultSpan, Span, VipSpan } from '../record/record.ts'

/** Changes first, then what there is: nothing falls between. */
const script = 'ip -o monitor address & ip -o address show; echo begun; wait'
const againMs = 50

interface Holding {
  readonly vm: string
  readonly vip: string
  readonly from: number
  to: number | null
}

export interface VipChange {
  readonly vm: string
  readonly vip: string
  /** On the clock of monotonicMs. */
  readonly at: number
  readonly held: boolean
}

export interface VipMonitorOptions {
  readonly cluster: Cluster
  /** Told of each change. */
  readonly tell: (change: VipChange) => void
}

export class VipMonitor {
  readonly #options: VipMonitorOptions
  readonly #holdings: Holding[] = []
  readonly #begun = new Set<string>()
  readonly #balancers: readonly Vm[]
  readonly #ending = new AbortController()

  constructor(options: VipMonitorOptions) {
    this.#options = options
    this.#balancers = withRole(options.cluster, 'load-balancer')
    for (const vm of this.#balancers) void this.#follow(vm)
  }

  /** Whether every load balancer has reported its addresses. */
  get isSettled(): boolean {
    return this.#begun.size === this.#balancers.length
  }

  stop(): void {
    this.#ending.abort()
  }

  /**
   * A VM that stands still has its address and cannot use it: what it had counts as given up when it was stopped, and
   * as taken again when it went on. A VM that was cut off still believes itself the owner, and counts as one.
   */
  spans(originMs: number, faults: readonly FaultSpan[]): readonly VipSpan[] {
    return this.#holdings.flatMap(({ vm, vip, from, to }) => {
      const span: Span = { fromMs: from - originMs, toMs: to === null ? null : to - originMs }
      const still = faults.filter(fault => fault.vm === vm && fault.fault === 'stop')
      return still
        .reduce((spans: readonly Span[], one) => spans.flatMap(other => without(other, one)), [span])
        .map(one => ({ ...one, vm, vip }))
    })
  }

  /** Until the end: after a reset there is another kernel to ask. */
  async #follow(vm: Vm): Promise<void> {
    const { signal } = this.#ending
    while (!signal.aborted) {
      const lines = new WholeLines()
      const onOutput = (text: string, stream: 'stdout' | 'stderr') => {
        if (stream === 'stdout') for (const line of lines.add(text)) this.#take(vm.spec.name, line)
      }
      await vm.exec(['sh', '-c', script], { timeoutMs: 0, signal, onOutput })
      if (signal.aborted) return
      // The kernel that reported it is gone, and its addresses with it.
      for (const vip of this.#options.cluster.spec.vips) this.#change(vm.spec.name, vip, false)
      await sleep(againMs)
    }
  }

  #take(vm: string, line: string): void {
    if (line === 'begun') this.#begun.add(vm)
    // "7: eth1    inet 192.168.1.200/32 scope global eth1", "Deleted 7: eth1    inet6 fd00::c0a8:1c8/128 scope …"
    const [, address] = / inet6? ([^/ ]+)\//.exec(line) ?? []
    const vip = this.#options.cluster.spec.vips.find(one => one === address)
    if (vip !== undefined) this.#change(vm, vip, !line.startsWith('Deleted '))
  }

  #change(vm: string, vip: string, held: boolean): void {
    const at = monotonicMs()
    const open = this.#holdings.find(one => one.vm === vm && one.vip === vip && one.to === null)
    if (held === (open !== undefined)) return
    if (open) open.to = at
    else this.#holdings.push({ vm, vip, from: at, to: null })
    this.#options.tell({ vm, vip, at, held })
  }
}

/** What is left of a span without another. */
function without(span: Span, gap: Span): readonly Span[] {
  const end = (one: Span) => one.toMs ?? Number.POSITIVE_INFINITY
  if (gap.fromMs >= end(span) || end(gap) <= span.fromMs) return [span]
  const before = gap.fromMs > span.fromMs ? [{ fromMs: span.fromMs, toMs: gap.fromMs }] : []
  const after = gap.toMs !== null && gap.toMs < end(span) ? [{ fromMs: gap.toMs, toMs: span.toMs }] : []
  return [...before, ...after]
}
