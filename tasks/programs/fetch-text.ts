/** A small text of an official release: a digest, or a list of them. */
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fetchUrl } from '../sources/fetch-url.ts'
import type { Context } from './take-programs.ts'

export type Text = { readonly text: string } | { readonly problem: string }

export async function fetchText(url: string, { logDir, signal }: Pick<Context, 'logDir' | 'signal'>): Promise<Text> {
  const file = join(logDir, 'fetched.txt')
  try {
    const problem = await fetchUrl(url, file, { signal })
    if (problem === undefined) return { text: await readFile(file, 'utf8') }
    return { problem: problem === 'HTTP status 404' ? `${problem}: there is no such version` : problem }
  } finally {
    await rm(file, { force: true })
  }
}
