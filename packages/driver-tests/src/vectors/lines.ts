import { readFileSync } from 'node:fs'

/** The objects of a file in this package's `vectors` folder, one per line. */
export function linesOf<T>(file: string): T[] {
  const text = readFileSync(new URL(`../../vectors/${file}`, import.meta.url), 'utf8')
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T)
}
