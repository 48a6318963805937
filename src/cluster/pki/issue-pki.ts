/** Makes keys and certificates (ECDSA P-256: quick to make and to verify) as a plan asks for. */
import type { ClusterSpec } from '../spec.ts'
import {
  type Authority,
  authorities,
  authorityName,
  type CertificatePlan,
  planCertificates,
} from './certificate-plan.ts'
import { certificateLifeDays, type Pki } from './pki.ts'

// @peculiar/x509 needs the Reflect API of this polyfill, loaded before it.
import 'reflect-metadata'
import { webcrypto } from 'node:crypto'
import * as x509 from '@peculiar/x509'

x509.cryptoProvider.set(webcrypto)

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
const hourMs = 3_600_000

interface Issuer {
  readonly certificate: x509.X509Certificate
  readonly keys: CryptoKeyPair
}
type CryptoKeyPair = webcrypto.CryptoKeyPair

interface Validity {
  readonly notBefore: Date
  readonly notAfter: Date
}

/** `nowMs`: when validity begins, less an hour for clocks that differ. */
export async function issuePki(spec: ClusterSpec, nowMs: number): Promise<Pki> {
  const validity = {
    notBefore: new Date(nowMs - hourMs),
    notAfter: new Date(nowMs + certificateLifeDays * 24 * hourMs),
  }
  const files = new Map<string, string>()
  const issuers = new Map<Authority, Issuer>()
  for (const name of authorities) {
    const issuer = await makeAuthority(name, validity)
    issuers.set(name, issuer)
    await addPair(files, name, issuer.certificate, issuer.keys)
  }
  for (const plan of planCertificates(spec)) {
    const keys = await makeKeys()
    const issuer = issuers.get(plan.authority)
    if (issuer === undefined) throw new Error(`no authority ${plan.authority}`)
    await addPair(files, plan.name, await issue({ plan, keys, issuer, validity }), keys)
  }
  const serviceAccounts = await makeKeys()
  files.set('sa.key', await privatePem(serviceAccounts.privateKey))
  const spki = await webcrypto.subtle.exportKey('spki', serviceAccounts.publicKey)
  files.set('sa.pub', `${x509.PemConverter.encode(spki, 'PUBLIC KEY')}\n`)
  return new Map([...files].sort(([a], [b]) => (a < b ? -1 : 1)))
}

const makeKeys = (): Promise<CryptoKeyPair> => webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])

async function privatePem(key: webcrypto.CryptoKey): Promise<string> {
  return `${x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY')}\n`
}

async function addPair(
  files: Map<string, string>,
  name: string,
  certificate: x509.X509Certificate,
  keys: CryptoKeyPair,
): Promise<void> {
  files.set(`${name}.crt`, `${certificate.toString('pem')}\n`)
  files.set(`${name}.key`, await privatePem(keys.privateKey))
}

async function makeAuthority(authority: Authority, validity: Validity): Promise<Issuer> {
  const keys = await makeKeys()
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: [{ CN: [authorityName(authority)] }],
    ...validity,
    keys,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  return { certificate, keys }
}

interface Order {
  readonly plan: CertificatePlan
  readonly keys: CryptoKeyPair
  readonly issuer: Issuer
  readonly validity: Validity
}

async function issue({ plan, keys, issuer, validity }: Order): Promise<x509.X509Certificate> {
  const names: x509.JsonGeneralNames = [
    ...plan.dnsNames.map(value => ({ type: 'dns' as const, value })),
    ...plan.addresses.map(value => ({ type: 'ip' as const, value })),
  ]
  const usages = plan.usages.map(usage =>
    usage === 'client' ? x509.ExtendedKeyUsage.clientAuth : x509.ExtendedKeyUsage.serverAuth,
  )
  return x509.X509CertificateGenerator.create({
    subject: [...(plan.organization === undefined ? [] : [{ O: [plan.organization] }]), { CN: [plan.commonName] }],
    issuer: issuer.certificate.subjectName,
    ...validity,
    publicKey: keys.publicKey,
    signingKey: issuer.keys.privateKey,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension(usages),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.certificate),
      ...(names.length > 0 ? [new x509.SubjectAlternativeNameExtension(names)] : []),
    ],
  })
}
