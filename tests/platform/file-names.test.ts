/** Names of files that are not UTF-8 are texts like others, and lose no byte. */
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { isCanonical, linkTarget, namesIn, systemPath } from '../../src/platform/file-names.ts'

const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1')

/** Each is other bytes. */
const names: readonly Buffer[] = [
  Buffer.from('plain'),
  Buffer.from('café \ufffd 🙂'),
  latin1('caf\xe9'),
  latin1('caf\xe8'),
  latin1('\xc3'),
  latin1('\xa9'),
  Buffer.concat([Buffer.from('é'), latin1('\xe9'), Buffer.from('🙂\ufffd'), latin1('\xf0\x9f\x99')]),
  // What is no UTF-8 although it looks like it: an overlong slash, a surrogate, more than Unicode has.
  latin1('\xc0\xaf'),
  latin1('\xed\xb3\xa9'),
  latin1('\xf5\x80\x80\x80'),
  latin1(Array.from({ length: 127 }, (_, at) => String.fromCharCode(0x81 + at)).join('')),
]

function folder(context: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'k8s-ha-names-'))
  context.after(() => rmSync(dir, { recursive: true }))
  return dir
}

const hex = (bytes: readonly Buffer[]): readonly string[] => bytes.map(name => name.toString('hex')).sort()
const bytesOf = (name: string): Buffer => Buffer.from(systemPath(name))

test('names in a folder are told apart, and lead back to their files', context => {
  const dir = folder(context)
  for (const name of names) writeFileSync(Buffer.concat([Buffer.from(`${dir}/`), name]), '')
  const texts = namesIn(dir)
  assert.equal(new Set(texts).size, names.length)
  assert.deepEqual(hex(texts.map(bytesOf)), hex(names))
  assert.ok(texts.every(isCanonical))
  assert.deepEqual(
    texts.map(text => JSON.parse(JSON.stringify(text))),
    texts,
  )
  for (const text of texts) rmSync(systemPath(`${dir}/${text}`))
  assert.deepEqual(readdirSync(dir), [])
})

test('a folder and a link have such names, too, and a link such a target', context => {
  const dir = folder(context)
  const [name = Buffer.of()] = names.slice(6)
  mkdirSync(Buffer.concat([Buffer.from(`${dir}/`), name]))
  const [text = ''] = namesIn(dir)
  symlinkSync(name, systemPath(`${dir}/${text}/link`))
  assert.deepEqual(namesIn(`${dir}/${text}`), ['link'])
  assert.deepEqual(bytesOf(linkTarget(`${dir}/${text}/link`)), name)
})

test('a name that is written in another way than it is read is not canonical', () => {
  // é in two lone bytes; half of a pair that stands for no byte.
  for (const text of ['\udcc3\udca9', '\ud83d', 'a\udc2f']) assert.equal(isCanonical(text), false)
  for (const text of ['é', '🙂', '\udce9', '\udcc3']) assert.equal(isCanonical(text), true)
})
