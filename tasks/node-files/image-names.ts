/** Names of container images, as containerd writes them. */

/** "busybox" → "docker.io/library/busybox:latest". */
export function fullName(name: string): string {
  const [digestless = '', digest] = name.split('@')
  const slash = digestless.indexOf('/')
  const host = digestless.slice(0, Math.max(0, slash))
  const isHost = host === 'localhost' || /[.:]/.test(host)
  const path = isHost ? digestless : `docker.io/${slash === -1 ? 'library/' : ''}${digestless}`
  if (digest !== undefined) return `${path}@${digest}`
  return tagOf(path) === undefined ? `${path}:latest` : path
}

export function tagOf(name: string): string | undefined {
  const last = name.slice(name.lastIndexOf('/') + 1)
  return last.includes(':') ? last.slice(last.indexOf(':') + 1) : undefined
}
