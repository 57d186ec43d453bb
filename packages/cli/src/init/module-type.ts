import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'

/** Whether Node reads .ts files of a folder as CommonJS modules, which have no `export`: the nearest package.json says so. */
export function isCommonJs(folder: string): boolean {
  for (let place = resolve(folder); ; place = dirname(place)) {
    try {
      return JSON.parse(readFileSync(resolve(place, 'package.json'), 'utf8')).type === 'commonjs'
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') return false
    }
    if (place === dirname(place)) return false
  }
}
