/** Globs become regular expressions that try out every way to match: those that could take for ever are refused. */
const maxStars = 4
const maxGroups = 8

/** What is wrong with a glob, to be read after its name; undefined when nothing is. */
export function globProblem(glob: string): string | undefined {
  const parts = glob.split('/')
  if (parts.filter(part => part.includes('**')).length > maxStars) return `has more than ${maxStars} "**"`
  if (parts.some(part => (part.match(/\*+/g) ?? []).length > maxStars))
    return `has more than ${maxStars} "*" between two "/"`
  if ((glob.match(/[{(]/g) ?? []).length > maxGroups) return `has more than ${maxGroups} groups of alternatives`
  if (/[+*]\((?!\w+\))/.test(glob)) return 'repeats a group that is more than one plain text'
  return undefined
}
