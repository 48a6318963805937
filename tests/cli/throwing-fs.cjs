/**
 * Preloaded into the program: the first call of the file system from one place of its code throws an error of the
 * system. A place is a function of node:fs and the line that calls it. FAULT_PLACE is its number, in the order in which
 * places are met, those in FAULT_KNOWN left out; FAULT_CODE the error. At the end, FAULT_FILE has the place, or nothing when there was no such place.
 */
const fs = require('node:fs')
const { syncBuiltinESMExports } = require('node:module')
const { errno } = require('node:os').constants
const { FAULT_PLACE = '-1', FAULT_CODE = 'EACCES', FAULT_FILE, FAULT_KNOWN } = process.env
const { readFileSync, writeFileSync } = fs
const known = new Set(FAULT_KNOWN ? readFileSync(FAULT_KNOWN, 'utf8').split('\n') : [])
const places = new Set()
let thrown

/** Lines of the program only: what Node.js itself reads is not meant. */
function placeOf(name) {
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = 30
  const lines = new Error('place').stack.split('\n').filter(line => line.includes('/dist/'))
  Error.stackTraceLimit = stackTraceLimit
  return lines.length === 0 ? undefined : `${name} ${lines[0].replace(/^.*\/dist\//, '').replace(/\)$/, '')}`
}

function faultOf(name, path) {
  if (thrown !== undefined) return undefined
  const place = placeOf(name)
  if (place === undefined || places.has(place) || known.has(place)) return undefined
  places.add(place)
  if (places.size - 1 !== Number(FAULT_PLACE)) return undefined
  thrown = place
  if (FAULT_FILE) writeFileSync(FAULT_FILE, place)
  const shown = typeof path === 'string' ? path : undefined
  const error = new Error(`${FAULT_CODE}: made up, ${name}${shown ? ` '${shown}'` : ''}`)
  return Object.assign(error, {
    code: FAULT_CODE,
    errno: -errno[FAULT_CODE],
    syscall: name,
    ...(shown ? { path: shown } : {}),
  })
}

for (const name of Object.keys(fs)) {
  const own = fs[name]
  if (typeof own !== 'function' || !name.endsWith('Sync') || name === 'existsSync') continue
  fs[name] = function (...args) {
    const fault = faultOf(name, args[0])
    if (fault) throw fault
    return own.apply(this, args)
  }
  Object.assign(fs[name], own)
}
for (const name of Object.keys(fs.promises)) {
  const own = fs.promises[name]
  if (typeof own !== 'function') continue
  fs.promises[name] = function (...args) {
    const fault = faultOf(`promises.${name}`, args[0])
    return fault ? Promise.reject(fault) : own.apply(this, args)
  }
}
syncBuiltinESMExports()
