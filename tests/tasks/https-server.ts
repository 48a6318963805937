/** An HTTPS server on a free port of the loopback interface, closed after the test; this process trusts it. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { RequestListener } from 'node:http'
import { createServer } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { listening } from './http-server.ts'

let pair: { readonly key: string; readonly cert: string } | undefined

/** Its address, without a slash at the end. */
export async function httpsServer(t: TestContext, listener: RequestListener): Promise<string> {
  return `https://${await listening(t, createServer(certified(), listener))}`
}

/** For NODE_EXTRA_CA_CERTS of a program that is to trust such servers: a file, removed after the test. */
export function authorityFile(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'k8s-ha-authority-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'cert.pem')
  writeFileSync(file, certified().cert)
  return file
}

function certified() {
  if (pair) return pair
  const folder = mkdtempSync(join(tmpdir(), 'k8s-ha-certificate-'))
  try {
    const cert = readFileSync(makeCertificate(folder), 'utf8')
    pair = { key: readFileSync(join(folder, 'key.pem'), 'utf8'), cert }
    setDefaultCACertificates([...getCACertificates('default'), cert])
    return pair
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function makeCertificate(folder: string): string {
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const subject = ['-subj', '/CN=k8s-ha-test', '-addext', 'subjectAltName=IP:127.0.0.1', '-days', '2']
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  execFileSync('openssl', ['req', '-x509', ...curve, ...subject, '-keyout', key, '-out', cert], { stdio: 'pipe' })
  return cert
}
