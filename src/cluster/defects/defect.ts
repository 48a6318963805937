/** A planted defect: a mistake that someone could make in the configuration, to see whether the scenarios notice it. */
import type { PatchedOverlay } from './patched-overlay.ts'

export interface Defect {
  /** "no-track-script", as `--set defect=` names it. */
  readonly name: string
  /** The mistake in words: "keepalived does not look at haproxy". */
  readonly mistake: string
  /** The scenario that notices it (workflows/scenarios), and by which measure, invariant or check. */
  readonly caughtBy: { readonly scenario: string; readonly reason: string }
  plant(overlay: PatchedOverlay): void
}
