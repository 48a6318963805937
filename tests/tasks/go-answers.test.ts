/** What `go mod vendor` of Go 1.26 really printed, and what is made of it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mayPass, moduleProblem } from '../../tasks/programs/go-answers.ts'

const module = 'go.etcd.io/etcd/etcdctl/v3'
const other = 'go.etcd.io/etcd/server/v3'
const zip = (one: string) => `http://proxy.example/${one}/@v/v3.6.16.zip`

test('of several modules that are refused, the first is named and the others are counted', () => {
  const lines = [
    `go: downloading ${module} v3.6.16`,
    `go: ${module}: ${module}@v3.6.16: reading ${zip(module)}: 403 Forbidden`,
    '\tserver response: blocked by policy',
    `go: ${other}: ${other}@v3.6.16: reading ${zip(other)}: 403 Forbidden`,
  ]
  assert.equal(moduleProblem(lines), `${module}@v3.6.16: reading ${zip(module)}: 403 Forbidden, and 1 more`)
})

test('a module that only another one wants is named, not the chain that leads there', () => {
  const zipOfNet = 'http://proxy.example/golang.org/x/net/@v/v0.61.0.zip'
  const lines = [
    'go: downloading golang.org/x/net v0.61.0',
    `go: ${other} imports`,
    '\tgithub.com/soheilhy/cmux imports',
    `\tgolang.org/x/net/http2: golang.org/x/net@v0.61.0: reading ${zipOfNet}: 403 Forbidden`,
    `go: ${other} imports`,
    `\tgolang.org/x/net/trace: golang.org/x/net@v0.61.0: reading ${zipOfNet}: 403 Forbidden`,
  ]
  assert.equal(moduleProblem(lines), `golang.org/x/net@v0.61.0: reading ${zipOfNet}: 403 Forbidden`)
})

test('a proxy that is not there, answers with a page, or has other content', () => {
  const dial = 'dial tcp: lookup proxy.example on 127.0.0.53:53: no such host'
  assert.equal(
    moduleProblem([`go: ${module}: ${module}@v3.6.16: Get "${zip(module)}": ${dial}`]),
    `${module}@v3.6.16: Get "${zip(module)}": ${dial}`,
  )
  assert.equal(moduleProblem([`go: ${module}: zip: not a valid zip file`]), `${module}: zip: not a valid zip file`)
  const mismatch = [
    'go: downloading golang.org/x/text v0.40.0',
    'verifying golang.org/x/text@v0.40.0: checksum mismatch',
    '\tdownloaded: h1:Ub2Z6/xjgF1WrYQz2nuITOEegKFtiIy+rieRJ5lHZKs=',
    '\tgo.sum:     h1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=',
    '',
    'SECURITY ERROR',
  ]
  assert.equal(
    moduleProblem(mismatch),
    'refused, golang.org/x/text@v0.40.0: checksum mismatch: downloaded h1:Ub2Z6/xjgF1WrYQz2nuITOEegKFtiIy+rieRJ5lHZKs=, go.sum h1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=',
  )
})

test('what says nothing is no answer', () => {
  assert.equal(moduleProblem(['go: downloading x v1', 'hello']), undefined)
})

test('only what broke on the way is worth another try', () => {
  for (const text of [
    'unexpected EOF',
    'read: connection reset by peer',
    '502 Bad Gateway',
    'net/http: TLS handshake timeout',
  ])
    assert.ok(mayPass(`x@v1: reading ${text}`), text)
  for (const text of ['403 Forbidden', '404 Not Found', 'no such host', 'connection refused', 'checksum mismatch'])
    assert.ok(!mayPass(`x@v1: reading ${text}`), text)
})
