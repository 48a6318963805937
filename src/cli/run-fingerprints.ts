/** Whether a dry run or `why` may run fingerprint commands: when asked to, and those of the program's own workflows. */
import type { ParsedOptions } from './command.ts'
import { isOwnCheckout } from './project-folder.ts'

export const mayRunFingerprints = (options: ParsedOptions, projectDir: string): boolean =>
  options.flag('runFingerprints') || isOwnCheckout(projectDir)
