import { existsSync } from 'node:fs'
import { pathOfUrl } from '@kairos/core/driver'
import { Misuse } from '../misuse.ts'

/** The path of a store that is a file or a folder and does not exist: opening it would make it. */
export function missingFile(url: string): string | undefined {
  if (!/^(sqlite|pglite):/i.test(url)) return undefined
  const path = pathOfUrl(url)
  return path === '' || path.startsWith(':') || existsSync(path) ? undefined : path
}

/** For what does not write the first data: it must not make a file. @throws Misuse */
export function checkFile(url: string): void {
  const path = missingFile(url)
  if (path !== undefined) throw new Misuse(`there is no file ${path}: check the path; the first write creates the file`)
}
