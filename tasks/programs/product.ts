/** A product of which clusters run a version that the user chooses: Kubernetes, etcd. */
import type { TaskContext } from '../../src/engine/workflow/task-type.ts'
import type { Origin } from './chosen.ts'
import type { ProgramNames } from './program-names.ts'

export interface Product {
  /** As messages call it. */
  readonly name: string
  /** The parameter of workflows that chooses the version. */
  readonly parameter: string
  readonly programs: ProgramNames
  /** A version as it is written, "1.36.3"; messages name it as an example. */
  readonly example: string
  /** Why this version cannot be used at all; undefined when it can. `suite`: that of the VM image, where it is known. */
  refusal(version: string, suite?: string): string | undefined
  /** What to know about a version that can be used; undefined when there is nothing. */
  warning?(version: string): string | undefined
  /** What the word "default" means on clusters with this version of Kubernetes. */
  standard(kubernetes: string | undefined): Meaning
  /** The VM image has it, too: the word "image" means that one. */
  readonly isInImage?: true
  /** The places that may have a version, in the order in which they are asked. */
  places(version: string, options: PlaceOptions): readonly ProgramPlace[]
}

export interface Meaning {
  /** A version, or "image" for the one of the VM image, where the product is in it. */
  readonly version: string
  /** Taken when no place has that version. Without it, that is an error. */
  readonly otherwise?: string
}

export interface PlaceOptions {
  /** Where official programs are, without a slash at its end. */
  readonly url: string
  /** The folder with a folder of pinned Go modules for each minor version, absolute. */
  readonly modules: string
}

export interface ProgramPlace {
  /** As messages call it: "official programs (https://…)". */
  readonly name: string
  readonly origin: Origin
  /** Makes the folder with what it has; else leaves none, and resolves to what the place answered. Throws when aborted. */
  get(folder: string, context: TaskContext<unknown>): Promise<string | undefined>
}

/** "1.36.3" → "1.36". */
export const minorOf = (version: string): string => version.split('.').slice(0, 2).join('.')

/** "1.36.3", "1.37.0-rc.1". */
export const isExactVersion = (text: string): boolean => /^\d{1,4}\.\d{1,4}\.\d{1,4}(-[0-9a-z.]{1,32})?$/.test(text)

/** Whether a minor version comes before another: "1.9" before "1.20". */
export function isBefore(version: string, other: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const [otherMajor = 0, otherMinor = 0] = other.split('.').map(Number)
  return major !== otherMajor ? major < otherMajor : minor < otherMinor
}
