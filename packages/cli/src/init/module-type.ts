import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'

/**
 * Whether Node reads the .ts files of a folder as modules at once: not where the nearest package.json has another `type` (they have no `export`
 * then) or none (Node guesses, and warns at each call).
 */
export function readsModules(folder: string): boolean {
  for (let place = resolve(folder); ; place = dirname(place)) {
    try {
      return JSON.parse(readFileSync(resolve(place, 'package.json'), 'utf8')).type === 'module'
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') return false
    }
    if (place === dirname(place)) return true
  }
}
