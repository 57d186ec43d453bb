import { mixed, SEED } from '../write/name-table.ts'
import { parseNumber } from '../write/number.ts'
import { FAULTS, type Fault } from '../write/reasons.ts'
import type { Source } from '../write/source.ts'
import type { Writer } from '../write/writer.ts'
import { isMoment } from './moment.ts'

const [SPACE, TAB, LETTER_N] = [32, 9, 78]

/** Takes a line of Carbon's plaintext: `path value time`, where the time may be `-1` or `N` for now. */
export function takePlaintext(
  bytes: Buffer,
  start: number,
  end: number,
  writer: Writer,
  source: Source,
): Fault | undefined {
  const first = afterSpaces(bytes, start, end)
  let hash = SEED
  let at = first
  for (; at < end; at++) {
    const byte = bytes[at]!
    if (byte === SPACE || byte === TAB) break
    hash = mixed(hash, byte)
  }
  const nameEnd = at
  const valueStart = afterSpaces(bytes, nameEnd, end)
  const valueEnd = untilSpace(bytes, valueStart, end)
  const timeStart = afterSpaces(bytes, valueEnd, end)
  const timeEnd = untilSpace(bytes, timeStart, end)
  if (timeStart === timeEnd || afterSpaces(bytes, timeEnd, end) !== end) return FAULTS.malformed
  const value = parseNumber(bytes, valueStart, valueEnd)
  if (Number.isNaN(value)) return FAULTS.value
  const isNow = timeEnd - timeStart === 1 && bytes[timeStart] === LETTER_N
  const time = isNow ? -1 : parseNumber(bytes, timeStart, timeEnd)
  if (time !== -1 && !isMoment(time)) return FAULTS.time
  const route = writer.find(bytes, first, nameEnd, hash)
  const fault = writer.add(route, 'value', value, time === -1 ? undefined : time, undefined, source.isLossy)
  if (fault === undefined) source.stats.accepted++
  return fault
}

function afterSpaces(bytes: Buffer, start: number, end: number): number {
  let at = start
  while (at < end && (bytes[at] === SPACE || bytes[at] === TAB)) at++
  return at
}

function untilSpace(bytes: Buffer, start: number, end: number): number {
  let at = start
  while (at < end && bytes[at] !== SPACE && bytes[at] !== TAB) at++
  return at
}
