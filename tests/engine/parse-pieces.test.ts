import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { parseDocument } from 'yaml'
import { parseInPieces } from '../../src/engine/load/written/parse-pieces.ts'
import { WorkflowFile } from '../../src/engine/load/written/workflow-file.ts'

/** Everything that YAML lets a task be written with. */
const task = (at: number): string => `  # about t${at}
  t${at}:
    run: |
      cat <<END
      tasks:
        t${at}: not a task
      END
    description: "two
      lines: of text"
    needs: [a,
      b]
    inputs:
    - &here in/${at}
    - "x: y"

    outputs: [ "out/${at}" ]
`
const many = (from: number, count: number) => Array.from({ length: count }, (_, at) => task(from + at)).join('')
const large = `description: much\ntasks:\n${many(0, 700)}params:\n  p: {default: 1}\n`

describe('a large workflow file in pieces', () => {
  test('is what it is as a whole', () => {
    const pieces = parseInPieces(large)
    assert.ok(pieces)
    assert.deepEqual(pieces.value, parseDocument(large, { uniqueKeys: false }).toJS({ maxAliasCount: 1_000_000 }))
    for (const [name, [start, end]] of pieces.taskKeys) assert.equal(large.slice(start, end), name)
    assert.equal(pieces.taskKeys.size, 700)
  })

  test('names the same places', () => {
    const [file, line] = [
      new WorkflowFile('w.yaml', large),
      large.slice(0, large.indexOf('\n  t650:')).split('\n').length,
    ]
    assert.deepEqual(file.place(['tasks', 't650'], 'key'), { file: 'w.yaml', line: line + 1, column: 3 })
    file.problem('wrong', ['tasks', 't650', 'needs', 1])
    assert.match(file.failures[0]?.excerpt ?? '', /b\]/)
  })

  const broken: Readonly<Record<string, string>> = {
    'an alias': '  x:\n    inputs: [ &a in/x, *a ]\n',
    'an unknown anchor': '  x:\n    inputs: [ *nowhere ]\n',
    'a text without its end': '  x:\n    run: "abc\n',
    'a list without its end': '  x:\n    needs: [\n',
    'a name that is there twice': '  t3:\n    run: again\n',
    'a key that is there twice': '  x:\n    run: a\n    run: b\n',
    'a line too far to the left': ' x:\n  run: a\n',
    'a name in quotes': '  "x":\n    run: a\n',
    'a tab': '\tx:\n    run: a\n',
    'a bracket at the depth of a name': '  x: {\n    run: a\n  }\n',
    'anchors that explode': `  x:\n    with:\n      a: &a [1,1,1,1,1,1,1,1,1,1]\n      b: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\n      c: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\n      d: [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\n`,
  }
  for (const [what, text] of Object.entries(broken))
    test(`is left to the whole when there is ${what}`, () => {
      assert.equal(parseInPieces(`tasks:\n${many(0, 300)}${text}${many(300, 300)}`), undefined)
    })

  test('is refused for anchors that explode, and for a name that is there twice', () => {
    for (const what of ['anchors that explode', 'a name that is there twice']) {
      const file = new WorkflowFile('w.yaml', `tasks:\n${many(0, 300)}${broken[what]}${many(300, 300)}`)
      assert.match(file.failures[0]?.message ?? '', /alias|is there twice/)
    }
  })
})
