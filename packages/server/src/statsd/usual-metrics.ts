import type { InputKind } from '../config/types.ts'
import type { TakeUsual } from '../listen/line-intake.ts'
import { mixed, SEED } from '../write/name-table.ts'
import { numberEnd, shortNumber } from '../write/short-number.ts'
import type { Source } from '../write/source.ts'

const [NEWLINE, SPACE, COLON, UNDERSCORE, MINUS, BAR] = [10, 32, 58, 95, 45, 124]
const [LETTER_C, LETTER_D, LETTER_G, LETTER_H, LETTER_M, LETTER_S] = [99, 100, 103, 104, 109, 115]

/**
 * Takes lines of StatsD as programs write most of them: a name, one decimal number of at most 15 digits, and its type, neither sampled nor tagged nor a
 * change of a gauge. Each byte is looked at once, and none beyond the end of the last line. Others are left to `takeMetric`, which takes these in the same way.
 */
export function usualMetrics(source: Source): TakeUsual {
  return ({ bytes, start, last, most }, writer, reject) => {
    let line = start
    while (line <= last) {
      let hash = SEED
      let at = line
      for (; bytes[at] !== COLON && bytes[at]! > SPACE; at++) hash = mixed(hash, bytes[at]!)
      // Events of DogStatsD begin with `_`.
      if (at === line || bytes[at] !== COLON || bytes[line] === UNDERSCORE) break
      const nameEnd = at++

      const first = bytes[at]
      const value = shortNumber(bytes, at)
      at = numberEnd
      if (Number.isNaN(value) || bytes[at] !== BAR) break
      const kind = kindOf(bytes[at + 1]!)
      if (kind === undefined || (kind === 'gauge' && first === MINUS)) break
      at += 2
      if (bytes[at - 1] === LETTER_M && bytes[at++] !== LETTER_S) break
      if (bytes[at] !== NEWLINE || at - line > most) break

      const route = writer.find(bytes, line, nameEnd, hash)
      const fault =
        kind === 'gauge'
          ? writer.addGauge(route, value, false, undefined, source.isLossy)
          : writer.add(route, kind, value, undefined, undefined, source.isLossy)
      if (fault === undefined) source.stats.accepted++
      else reject(fault, bytes, line, at)
      line = at + 1
    }
    return line
  }
}

/** By the first letter of a type. */
function kindOf(letter: number): InputKind | undefined {
  if (letter === LETTER_C) return 'count'
  if (letter === LETTER_M || letter === LETTER_H || letter === LETTER_D) return 'timing'
  return letter === LETTER_G ? 'gauge' : undefined
}
