/** The exit codes of the contract. */
import type { FailureKind } from '../platform/failure.ts'

export const exitCodes: Readonly<Record<FailureKind, number>> = {
  failed: 1,
  usage: 2,
  environment: 3,
  internal: 4,
  interrupted: 130,
}
