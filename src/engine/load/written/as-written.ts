/** Values of parameters and matrices are texts as written: `1.10` stays that, and a large number keeps its digits. */
import { type Document, isAlias, isMap, isPair, isScalar, isSeq, type Scalar } from 'yaml'

/** Changes those values of a workflow that a number or a boolean of JavaScript would write in another way. */
export function keepAsWritten(document: Document): void {
  const root = document.contents
  for (const param of valuesOf(child(root, 'params'))) keepAll(document, child(param, 'default'), child(param, 'enum'))
  keepInTasks(document, child(root, 'tasks'))
}

/** The same for a mapping of tasks alone, as large files are read. */
export function keepInTasks(document: Document, tasks: unknown): void {
  for (const task of valuesOf(tasks)) keepAll(document, child(task, 'matrix'), child(task, 'when'))
}

const valuesOf = (node: unknown): readonly unknown[] => (isMap(node) ? node.items.map(({ value }) => value) : [])

const child = (node: unknown, name: string): unknown =>
  isMap(node) ? node.items.find(({ key }) => isScalar(key) && key.value === name)?.value : undefined

function keepAll(document: Document, ...nodes: readonly unknown[]): void {
  for (const node of nodes) {
    if (isScalar(node)) keep(node)
    else if (isPair(node)) keepAll(document, node.value)
    else if (isMap(node) || isSeq(node)) keepAll(document, ...node.items)
    // What an anchor names is not followed when it is a collection: it might hold itself.
    else if (isAlias(node)) {
      const meant = node.resolve(document)
      if (isScalar(meant)) keep(meant)
    }
  }
}

function keep(scalar: Scalar): void {
  const { value, source } = scalar
  const isConverted = typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean'
  if (isConverted && source !== undefined && String(value) !== source) scalar.value = source
}
