import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clip, columnsOf, padColumns } from '../../src/report/terminal/columns.ts'
import { renderFailure } from '../../src/report/terminal/render-failure.ts'

test('a text takes as many columns as a terminal gives it', () => {
  const widths = {
    abc: 3,
    中文字: 6,
    ｆｕｌｌ: 8,
    한국어: 6,
    かな: 4,
    'e\u0301': 1,
    '\u200bx': 1,
    '👍': 2,
    '😀a': 3,
    é: 1,
    '…': 1,
    '●': 1,
  }
  for (const [text, width] of Object.entries(widths)) assert.equal(columnsOf(text), width, text)
})

test('what is too wide is cut between characters, and what is narrow is filled, by columns', () => {
  assert.equal(clip('中文字', 6), '中文字')
  assert.equal(clip('中文字', 5), '中文…')
  assert.equal(clip('中文字', 4), '中…')
  assert.equal(clip('a😀😀', 4), 'a😀…')
  assert.equal(padColumns('中文', 6), '中文  ')
})

test('a name with a line break is shown escaped', () => {
  const text = renderFailure({ kind: 'failed', message: 'Cannot read input "a\nb\u001b[2J"' })
  assert.equal(text, 'error: Cannot read input "a\\nb\\u001b[2J"\n')
})
