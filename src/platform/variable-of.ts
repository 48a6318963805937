/** A variable of an environment: one may be called "constructor", which every object of JavaScript seems to have. */
export const variableOf = (
  environment: Readonly<Record<string, string | undefined>>,
  name: string,
): string | undefined => (Object.hasOwn(environment, name) ? environment[name] : undefined)
