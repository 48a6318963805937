/** `npm run bench [-- part …]`: what users wait for, beside what was promised and beside what peers need for the same. */
import { engineMeasurements, engineRows } from './engine.ts'
import { type Row, renderRow, renderTable } from './table.ts'

const usual = ['engine', 'cluster']
const parts = ['engine', ...engineMeasurements, 'cluster']

async function* rowsOf(wanted: readonly string[]): AsyncGenerator<Row> {
  const names = engineMeasurements.filter(name => wanted.includes(name) || wanted.includes('engine'))
  if (names.length > 0) yield* engineRows(names)
  if (wanted.includes('cluster')) yield* (await import('./cluster.ts')).clusterRows()
}

const wanted = process.argv.length > 2 ? process.argv.slice(2) : usual
const unknown = wanted.filter(part => !parts.includes(part))
if (unknown.length > 0) {
  process.stderr.write(`Unknown part "${unknown.join('", "')}": there are ${parts.join(', ')}\n`)
  process.exitCode = 2
} else {
  const rows: Row[] = []
  for await (const row of rowsOf(wanted)) {
    rows.push(row)
    process.stderr.write(renderRow(row))
  }
  process.stdout.write(renderTable(rows))
}
