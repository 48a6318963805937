/** The table at the end of `npm test`: what each level took, and each file within it. */

export interface LevelTime {
  readonly name: string
  readonly tookMs: number
  /** What each test file took, by path; empty where there are none. */
  readonly files: ReadonlyMap<string, number>
  /** How many files ran at a time. */
  readonly atATime: number
}

export function whereTimeWent(levels: readonly LevelTime[]): string {
  const all = levels.reduce((sum, { tookMs }) => sum + tookMs, 0)
  return [
    'where the time went',
    ...levels.flatMap(level => [line(level.tookMs, levelText(level)), ...fileLines(level)]),
    line(all, 'all'),
    '',
  ].join('\n')
}

function levelText({ name, files, atATime }: LevelTime): string {
  if (files.size === 0) return name
  const sum = [...files.values()].reduce((one, other) => one + other, 0)
  const together = atATime === 1 ? 'one at a time' : `${atATime} at a time, ${seconds(sum)} added up`
  return `${name}: ${files.size} ${files.size === 1 ? 'file' : 'files'}, ${together}`
}

const fileLines = ({ files }: LevelTime): readonly string[] =>
  [...files].sort(([, one], [, other]) => other - one).map(([file, tookMs]) => line(tookMs, file, 8))

const line = (tookMs: number, text: string, indent = 0): string =>
  `${' '.repeat(indent)}${seconds(tookMs).padStart(9)}  ${text}`

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`
