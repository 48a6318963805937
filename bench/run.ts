/** `npm run bench [-- part …]`: what users wait for, beside what was promised and beside what peers need for the same. */
import { conditions, startConditions } from './conditions.ts'
import { engineMeasurements, engineRows } from './engine.ts'
import { type Row, renderRow, renderTable } from './table.ts'

const usual = ['engine', 'cluster']
/** Growth takes long and draws the picture of the docs anew: only when asked for. */
const parts = ['engine', ...engineMeasurements, 'cluster', 'growth']

async function* rowsOf(wanted: readonly string[]): AsyncGenerator<Row> {
  const names = engineMeasurements.filter(name => wanted.includes(name) || wanted.includes('engine'))
  if (names.length > 0) yield* engineRows(names)
  if (wanted.includes('cluster')) yield* (await import('./cluster.ts')).clusterRows()
  if (wanted.includes('growth')) yield* (await import('./growth.ts')).growthRows()
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(130))

const wanted = process.argv.length > 2 ? process.argv.slice(2) : usual
const unknown = wanted.filter(part => !parts.includes(part))
if (unknown.length > 0) {
  process.stderr.write(`Unknown part "${unknown.join('", "')}": there are ${parts.join(', ')}\n`)
  process.exitCode = 2
} else {
  const rows: Row[] = []
  const began = startConditions()
  for await (const row of rowsOf(wanted)) {
    rows.push(row)
    process.stderr.write(renderRow(row))
    // Signals are heard between rows.
    await new Promise(setImmediate)
  }
  process.stdout.write(`${renderTable(rows)}\n${conditions(began)}\n`)
}
