/** What is wrong with a YAML text, in words that say what to write instead. */

export interface Words {
  readonly why: string
  readonly try?: string
}

const quotes = 'put the whole text in quotes, or write "|" and the text on the next lines, indented'

interface Wording {
  readonly code: string
  /** Of the parser's message; absent: any. */
  readonly like?: RegExp
  readonly words: (found: string, message: string) => Words
}

const wordings: readonly Wording[] = [
  {
    code: 'BLOCK_AS_IMPLICIT_KEY',
    words: () => ({ why: 'a text that holds ": " must be in quotes', try: quotes }),
  },
  {
    code: 'TAB_AS_INDENT',
    words: () => ({ why: 'a line is indented with a tab', try: 'indent with spaces' }),
  },
  {
    code: 'BAD_INDENT',
    like: /end with a ([\]}])/,
    words: (_, message) => {
      const closing = /end with a ([\]}])/.exec(message)?.[1] ?? ']'
      const opening = closing === ']' ? '[' : '{'
      return { why: `a "${opening}" lacks its "${closing}"`, try: `"${closing}" at the end of the list` }
    },
  },
  {
    code: 'BAD_INDENT',
    words: () => ({
      why: 'this line is indented neither as the lines above nor below one of them',
      try: 'as many spaces as the lines that it belongs to',
    }),
  },
  {
    code: 'MISSING_CHAR',
    like: /closing/,
    words: (_, message) => ({ why: `a text in quotes lacks its closing ${/'/.test(message) ? "'" : '"'}` }),
  },
  {
    code: 'MISSING_CHAR',
    like: /between flow/,
    words: () => ({ why: 'a "," is missing, or a text with { } or ": " needs quotes', try: `"\${{ params.name }}"` }),
  },
  {
    code: 'MISSING_CHAR',
    like: /Implicit map keys/,
    words: () => ({ why: 'a name lacks its ":"' }),
  },
  {
    code: 'MULTILINE_IMPLICIT_KEY',
    words: () => ({ why: 'a name lacks its ":", or the space after it' }),
  },
  {
    code: 'UNEXPECTED_TOKEN',
    like: /at node end/,
    words: () => ({ why: 'something follows a closing quote or bracket', try: quotes }),
  },
  {
    code: 'UNEXPECTED_TOKEN',
    like: /Not a YAML token/,
    words: () => ({ why: 'a text after "|" or ">" begins on the next line, indented' }),
  },
  {
    code: 'BAD_SCALAR_START',
    words: found => ({ why: `a text cannot begin with ${found[0] ?? 'that'} without quotes`, try: quotes }),
  },
  {
    code: 'BAD_ALIAS',
    words: found => ({ why: `a text cannot begin with ${found[0] ?? 'that'} without quotes`, try: quotes }),
  },
  {
    code: 'BAD_DQ_ESCAPE',
    words: (found, message) => ({
      why: `${/\\\S*/.exec(message)?.[0] ?? found} means nothing between double quotes`,
      try: 'single quotes, or "|" and the text on the next lines',
    }),
  },
  {
    code: 'MULTIPLE_DOCS',
    words: () => ({ why: 'a line of three dashes begins a second document', try: 'one file for each workflow' }),
  },
  {
    code: 'BLOCK_IN_FLOW',
    words: () => ({ why: 'between { } or [ ] a "," is missing, or a text needs quotes' }),
  },
]

/** `found`: the text at fault. */
export function yamlWords(code: string, message: string, found: string): Words {
  const wording = wordings.find(one => one.code === code && (one.like?.test(message) ?? true))
  const [first = ''] = message.split('\n')
  return wording?.words(found, first) ?? { why: first.replace(/\.$/, '') }
}

/** `*.c` and `!src/x`, which YAML takes for an alias and a tag. */
export const needsQuotes = (text: string): Words => ({
  why: `a text that begins with ${text[0]} must be in quotes`,
  try: `"${text}"`,
})
