/** What may be written as one value or as a list of them. */
export const listOf = <T extends string>(values: T | readonly T[] | undefined): readonly T[] =>
  values === undefined ? [] : typeof values === 'string' ? [values] : values
