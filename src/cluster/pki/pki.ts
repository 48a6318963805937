/** The cluster's key material as files: "ca.crt", "apiserver.key", … by name, PEM. */
export type Pki = ReadonlyMap<string, string>

/** How long certificates are valid. The fingerprint of the task that makes them renews them before a third is left. */
export const certificateLifeDays = 365

/** Throws when it is absent: the plan that made the PKI and the code that asks for a file come from the same spec. */
export function pem(pki: Pki, file: string): string {
  const text = pki.get(file)
  if (text === undefined) throw new Error(`the PKI has no ${file}`)
  return text
}

/** Everything but certificates and public keys is secret. */
export const isSecret = (file: string): boolean => file.endsWith('.key')
