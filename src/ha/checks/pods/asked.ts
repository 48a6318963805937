/** Who is asked by whom, to see whether every apiserver serves pods. */
import type { Cluster, Vm } from '../../../drivers/driver.ts'
import { askMany, type How, type Question, type Reply } from '../../ask/ask-many.ts'

export interface Asked {
  readonly cluster: Cluster
  readonly signal: AbortSignal
  /** Those that run; at least one. */
  readonly apiservers: readonly Vm[]
  /** From where the administrator asks. */
  readonly client: Vm
}

export interface Pod {
  readonly name: string
  readonly uid: string
  readonly ip: string
  readonly vm: Vm
}

export interface Expectation extends Question {
  /** What is wrong with the reply, in words; empty when nothing is. */
  readonly wrong: (reply: Reply) => string
}

/** That it was granted. */
export const granted =
  (otherwise: string) =>
  ({ reason }: Reply): string =>
    reason === '' ? '' : `${otherwise}: ${reason}`

export async function wrongOf(vm: Vm, expected: readonly Expectation[], how: How): Promise<readonly string[]> {
  const replies = await askMany(vm, expected, how)
  return expected.flatMap(({ wrong }, index) => {
    const reply = replies[index]
    return (reply && wrong(reply)) || []
  })
}
