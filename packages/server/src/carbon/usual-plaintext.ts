import type { TakeUsual } from '../listen/line-intake.ts'
import { isSame, type KnownName, mixed, SEED } from '../write/name-table.ts'
import { numberEnd, shortNumber } from '../write/short-number.ts'
import type { Source } from '../write/source.ts'
import type { NameRoute } from '../write/writer.ts'
import { isMoment } from './moment.ts'

const [NEWLINE, SPACE, ZERO] = [10, 32, 48]
/** Whole seconds that are a moment have at most this many. */
const MOST_TIME_DIGITS = 12

/**
 * Takes lines of Carbon's plaintext as programs write nearly all of them: one space between path, value and time, a decimal number of at most 15 digits,
 * whole seconds. Each byte is looked at once, and none beyond the end of the last line. Others are left to `takePlaintext`, which takes these in the same way.
 */
export function usualPlaintext(source: Source): TakeUsual {
  return ({ bytes, start, last, most }, writer, reject) => {
    const { names } = writer
    let before = names.lastOf(source)
    let line = start
    let time = 0
    let timeStart = 0
    let timeEnd = 0
    while (line <= last) {
      // Programs send their names in the same order each time.
      let known = before?.follower
      let hash = SEED
      let at = line
      if (known !== undefined && isAt(known, bytes, line, last)) at += known.bytes.length
      else {
        known = undefined
        for (; bytes[at]! > SPACE; at++) hash = mixed(hash, bytes[at]!)
        if (at === line || bytes[at] !== SPACE) break
      }
      const nameEnd = at++

      const value = shortNumber(bytes, at)
      at = numberEnd
      if (Number.isNaN(value) || bytes[at] !== SPACE) break
      at++

      // Mostly that of the line before.
      const ownStart = at
      let place = timeStart
      while (place < timeEnd && bytes[at] === bytes[place]) {
        at++
        place++
      }
      if (place < timeEnd || timeEnd === 0 || bytes[at] !== NEWLINE) {
        at = ownStart
        time = 0
        for (; ; at++) {
          const digit = bytes[at]! - ZERO
          if (!(digit >= 0 && digit <= 9)) break
          time = time * 10 + digit
        }
        timeStart = ownStart
        timeEnd = at
        if (at === ownStart || at - ownStart > MOST_TIME_DIGITS || bytes[at] !== NEWLINE || !isMoment(time)) break
      }
      if (at - line > most) break

      if (known === undefined) {
        known = names.find(bytes, line, nameEnd, hash)
        if (before !== undefined) before.follower = known
      }
      before = known
      const fault = writer.add(known.value, 'value', value, time, undefined, source.isLossy)
      if (fault === undefined) source.stats.accepted++
      else reject(fault, bytes, line, at)
      line = at + 1
    }
    if (before !== undefined) names.setLast(source, before)
    return line
  }
}

/** Whether a line begins with a name and a space. */
function isAt({ bytes: name }: KnownName<NameRoute>, bytes: Buffer, line: number, last: number): boolean {
  const end = line + name.length
  return end < last && bytes[end] === SPACE && isSame(name, bytes, line, end)
}
