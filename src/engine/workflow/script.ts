/** Bash text and the values that belong into it. The text never holds them: a command line can be read by all users. */
export interface Script {
  readonly text: string
  /** Variables of the text, by name. */
  readonly values: Readonly<Record<string, string>>
}

export const quoteWord = (value: string): string => `'${value.replaceAll("'", "'\\''")}'`

/** Every value as a variable of bash, before the first line of the text: for a script that is no argument. */
export function withAssignments({ text, values }: Script): string {
  const assignments = Object.entries(values).map(([name, value]) => `${name}=${quoteWord(value)}; `)
  return assignments.join('') + text
}

/** The values come as variables of the environment; what the text starts does not get them. */
export function withEnvironment({ text, values }: Script): string {
  const names = Object.keys(values)
  return names.length === 0 ? text : `export -n ${names.join(' ')}; ${text}`
}
