import { Misuse, mustBe } from '../misuse.ts'
import type { Opened } from '../stores/opened.ts'

/** The names and the interval of a read. */
export interface Asked {
  readonly names: readonly string[]
  readonly interval: string
}

/**
 * The interval of `--interval`, else the last word if it is one, else the only one: `kairos get home day` reads like the library's call. `wordsAreNames`:
 * the first word is a name, whatever it is.
 * @throws Misuse
 */
export function chooseInterval(
  words: readonly string[],
  flag: string | undefined,
  { intervals, label }: Opened,
  wordsAreNames = true,
): Asked {
  const known = [...intervals.keys()]
  if (flag !== undefined) {
    if (!intervals.has(flag)) throw mustBe('--interval', `an interval of ${label} (${known.join(', ')})`, flag)
    return { names: words, interval: flag }
  }
  const last = words.at(-1)
  if (words.length > (wordsAreNames ? 1 : 0) && intervals.has(last!))
    return { names: words.slice(0, -1), interval: last! }
  if (known.length === 1) return { names: words, interval: known[0]! }
  throw new Misuse(`an interval of ${label} must be chosen: --interval ${known.join(', ')}`)
}
