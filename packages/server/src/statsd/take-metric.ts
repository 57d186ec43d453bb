import { isUtf8 } from 'node:buffer'
import { isMoment } from '../carbon/moment.ts'
import { TAGS } from '../write/name-of.ts'
import { mixed, SEED } from '../write/name-table.ts'
import { parseNumber } from '../write/number.ts'
import { FAULTS, type Fault } from '../write/reasons.ts'
import type { Source } from '../write/source.ts'
import type { NameRoute, Writer } from '../write/writer.ts'

const [COLON, BAR, AT, HASH, PLUS, MINUS] = [58, 124, 64, 35, 43, 45]
const [UNDERSCORE, LETTER_C, LETTER_D, LETTER_E, LETTER_G, LETTER_H, LETTER_M, LETTER_S, LETTER_T] = [
  95, 99, 100, 101, 103, 104, 109, 115, 84,
]

/** One value or several, with what follows them. */
interface Metric {
  /** Where the values begin and end. */
  start: number
  end: number
  typeEnd: number
  rate: number
  /** DogStatsD's tags, empty where there are none. */
  tagsStart: number
  tagsEnd: number
  time: number | undefined
}

/** One of less is a mistake, and 1 divided by it may be no number. */
const LEAST_RATE = 1e-9

/** Of sampled timings: what is left of 1 / rate, as a value counts a whole number of times. */
let carried = 0

/**
 * Takes a line of StatsD: `name:value|type`, with `|@rate`, and DogStatsD's tags, times and several values (`a:1:2|ms|#x:y`); also several metrics of
 * one name (`a:1|c:2|g`).
 */
export function takeMetric(
  bytes: Buffer,
  start: number,
  end: number,
  writer: Writer,
  source: Source,
): Fault | undefined {
  // Events (_e{…}) and checks (_sc|…) of DogStatsD.
  if (bytes[start] === UNDERSCORE && (bytes[start + 1] === LETTER_E || bytes[start + 1] === LETTER_S)) {
    if (bytes[start + 2] === 123 || (bytes[start + 2] === LETTER_C && bytes[start + 3] === BAR))
      return FAULTS.unsupported
  }
  let hash = SEED
  let at = start
  for (; at < end && bytes[at] !== COLON; at++) hash = mixed(hash, bytes[at]!)
  if (at === end) return FAULTS.malformed
  const nameEnd = at
  let wrong: Fault | undefined
  while (at < end) {
    const metric = metricAt(bytes, at + 1, end)
    if (metric === undefined) return FAULTS.malformed
    const [read, next] = metric
    const route =
      read.tagsStart === read.tagsEnd
        ? writer.find(bytes, start, nameEnd, hash)
        : taggedRoute(bytes, start, nameEnd, hash, read, writer)
    wrong = takeValues(bytes, read, route, writer, source) ?? wrong
    at = next
  }
  return wrong
}

/** What is at a place of a line, and where the next metric of the same name begins: its colon, or the end. */
function metricAt(bytes: Buffer, start: number, end: number): [metric: Metric, next: number] | undefined {
  const bar = indexOf(bytes, BAR, start, end)
  if (bar === end) return undefined
  let at = bar + 1
  while (at < end && bytes[at] !== BAR && bytes[at] !== COLON) at++
  const metric: Metric = { start, end: bar, typeEnd: at, rate: 1, tagsStart: at, tagsEnd: at, time: undefined }
  while (at < end && bytes[at] === BAR) {
    const first = at + 1
    const byte = bytes[first]
    if (byte === AT) {
      at = first
      while (at < end && bytes[at] !== BAR && bytes[at] !== COLON) at++
      metric.rate = parseNumber(bytes, first + 1, at)
    } else {
      at = indexOf(bytes, BAR, first, end)
      if (byte === HASH) {
        metric.tagsStart = first + 1
        metric.tagsEnd = at
      } else if (byte === LETTER_T) metric.time = parseNumber(bytes, first + 1, at)
      // Others, such as `c:` of a container, say nothing about the value.
    }
  }
  return [metric, at]
}

const scratch = Buffer.alloc(70_000)

function taggedRoute(
  bytes: Buffer,
  start: number,
  nameEnd: number,
  hash: number,
  { tagsStart, tagsEnd }: Metric,
  writer: Writer,
): NameRoute {
  let mixedHash = mixed(hash, TAGS)
  for (let at = tagsStart; at < tagsEnd; at++) mixedHash = mixed(mixedHash, bytes[at]!)
  const length = bytes.copy(scratch, 0, start, nameEnd)
  scratch[length] = TAGS
  const end = length + 1 + bytes.copy(scratch, length + 1, tagsStart, tagsEnd)
  return writer.find(scratch, 0, end, mixedHash)
}

function takeValues(
  bytes: Buffer,
  metric: Metric,
  route: NameRoute,
  writer: Writer,
  source: Source,
): Fault | undefined {
  const { end, rate, time } = metric
  if (!(rate >= LEAST_RATE && rate <= 1)) return FAULTS.value
  if (time !== undefined && !isMoment(time)) return FAULTS.time
  let wrong: Fault | undefined
  for (let at = metric.start; at <= end; ) {
    const valueEnd = indexOf(bytes, COLON, at, end)
    const fault = takeValue(bytes, at, valueEnd, metric, route, writer, source.isLossy)
    if (fault === undefined) source.stats.accepted++
    wrong = fault ?? wrong
    at = valueEnd + 1
  }
  return wrong
}

function takeValue(
  bytes: Buffer,
  start: number,
  end: number,
  { end: bar, typeEnd, rate, time }: Metric,
  route: NameRoute,
  writer: Writer,
  isLossy: boolean,
): Fault | undefined {
  if (start === end) return FAULTS.value
  const [first, second] = [bytes[bar + 1], bytes[bar + 2]]
  const letters = typeEnd - bar - 1
  if (letters === 1 && first === LETTER_S) return takeMember(bytes, start, end, time, route, writer, isLossy)
  const isTiming =
    (letters === 2 && first === LETTER_M && second === LETTER_S) ||
    (letters === 1 && (first === LETTER_H || first === LETTER_D))
  if (!isTiming && !(letters === 1 && (first === LETTER_C || first === LETTER_G))) return FAULTS.unsupported
  const value = parseNumber(bytes, start, end)
  if (Number.isNaN(value)) return FAULTS.value
  if (isTiming) return writer.add(route, 'timing', value, time, rate === 1 ? undefined : timesOf(rate), isLossy)
  if (first === LETTER_C) return writer.add(route, 'count', value / rate, time, undefined, isLossy)
  const isChange = bytes[start] === PLUS || bytes[start] === MINUS
  return writer.addGauge(route, value, isChange, time, isLossy)
}

function takeMember(
  bytes: Buffer,
  start: number,
  end: number,
  time: number | undefined,
  route: NameRoute,
  writer: Writer,
  isLossy: boolean,
): Fault | undefined {
  // Two that are not UTF-8 could become one.
  if (!isUtf8(bytes.subarray(start, end))) return FAULTS.value
  return writer.add(route, 'member', bytes.toString('utf8', start, end), time, undefined, isLossy)
}

function timesOf(rate: number): number {
  const exact = 1 / rate + carried
  const times = Math.floor(exact + 1e-9)
  carried = exact - times
  return times
}

function indexOf(bytes: Buffer, byte: number, start: number, end: number): number {
  let at = start
  while (at < end && bytes[at] !== byte) at++
  return at
}
