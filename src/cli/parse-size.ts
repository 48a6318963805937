/** Sizes and ages as users write them: "10GiB", "500 MB", "30d". Undefined for anything else. */
const binary: Readonly<Record<string, number>> = { '': 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 }
const decimal: Readonly<Record<string, number>> = { '': 1, K: 1e3, M: 1e6, G: 1e9, T: 1e12 }

/** In bytes. `GB` is decimal; `GiB` and `G` are binary. */
export function parseSize(text: string): number | undefined {
  const [, amount, prefix = '', rest = ''] = /^(\d+(?:\.\d+)?)\s*([KMGT])?(i?B)?$/i.exec(text.trim()) ?? []
  if (amount === undefined) return undefined
  const factors = prefix !== '' && rest.toUpperCase() === 'B' ? decimal : binary
  return Math.round(Number(amount) * (factors[prefix.toUpperCase()] ?? 1))
}

const ages: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 }

/** In milliseconds. */
export function parseAge(text: string): number | undefined {
  const [, amount, unit = ''] = /^(\d+(?:\.\d+)?)\s*([smhdw])$/.exec(text.trim()) ?? []
  const seconds = ages[unit]
  return amount === undefined || seconds === undefined ? undefined : Number(amount) * seconds * 1000
}

/** "345.1 MiB" */
export function formatSize(sizeBytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  let value = sizeBytes
  let unit = 0
  for (; value >= 1024 && unit < units.length - 1; unit++) value /= 1024
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`
}
