import { messageOf } from '@kairos/core/driver'
import { formatName } from '@kairos/core/labels'
import { isMoment } from '../carbon/moment.ts'
import { tooManyLabels } from '../write/name-of.ts'
import { parseDecimal } from '../write/number.ts'
import { FAULTS, type Fault } from '../write/reasons.ts'
import type { Writer } from '../write/writer.ts'
import { readLine } from './line-protocol.ts'

/** Characters of a line. Of a body that were one line, all fields would have to be in memory at once. */
const LONGEST = 65_536

const TEXT = /^"(?:[^"\\]|\\.)*"$/s
const TOO_LONG: Fault = { reason: 'tooLong', message: `a line must be at most ${LONGEST} characters` }
/** Digits of a second's fraction in each unit; minutes and hours are seconds times something. */
const DIGITS: Readonly<Record<string, number>> = { n: 9, ns: 9, u: 6, us: 6, µ: 6, ms: 3, s: 0 }
const SECONDS: Readonly<Record<string, number>> = { m: 60, h: 3_600 }

/**
 * Adds the fields of a line: each is a value of `measurement.field`, or of `measurement` if the field is called `value`. Tags are labels; true is 1,
 * false 0; texts are not stored.
 */
export function takeLine(line: string, unit: string, writer: Writer): { faults: Fault[]; accepted: number } {
  if (line.startsWith('#')) return { faults: [], accepted: 0 }
  if (line.length > LONGEST) return { faults: [TOO_LONG], accepted: 0 }
  const read = readLine(line)
  if (read === undefined) return { faults: [FAULTS.malformed], accepted: 0 }
  const time = read.time === undefined ? undefined : secondsOf(read.time, unit)
  if (time !== undefined && !isMoment(time)) return { faults: [FAULTS.time], accepted: 0 }
  const labels = labelsOf(read.measurement, read.tags, writer.maxNameBytes)
  const faults: Fault[] = []
  for (const [field, text] of read.fields) {
    const name = field === 'value' ? read.measurement : `${read.measurement}.${field}`
    const fault = takeField(name, text, labels, time, writer)
    if (fault !== undefined) faults.push(fault)
  }
  return { faults, accepted: read.fields.length - faults.length }
}

/** What follows the name of each field: labels are put in order once, as a line may have as many of them as fields. */
function labelsOf(measurement: string, tags: readonly (readonly [string, string])[], most: number): string | Fault {
  const tooMany = tooManyLabels(tags.length, most)
  if (tooMany !== undefined) return tooMany
  const labels = new Map(tags)
  if (labels.has('name') || labels.size < tags.length)
    return { reason: 'name', message: 'each tag must occur only once, and none may be called "name"' }
  try {
    const whole = formatName({ ...Object.fromEntries(labels), name: measurement })
    return whole.slice(formatName({ name: measurement }).length)
  } catch (error) {
    return { reason: 'name', message: messageOf(error) }
  }
}

function takeField(
  name: string,
  text: string,
  labels: string | Fault,
  time: number | undefined,
  writer: Writer,
): Fault | undefined {
  if (text.startsWith('"')) return TEXT.test(text) ? FAULTS.unsupported : FAULTS.malformed
  const value = numberIn(text)
  if (Number.isNaN(value)) return FAULTS.value
  if (typeof labels !== 'string') return labels
  let plain: string
  try {
    plain = formatName({ name })
  } catch (error) {
    return { reason: 'name', message: messageOf(error) }
  }
  return writer.add(writer.route(plain + labels), 'value', value, time, undefined, false)
}

function numberIn(text: string): number {
  if (/^(t|T|true|True|TRUE)$/.test(text)) return 1
  if (/^(f|F|false|False|FALSE)$/.test(text)) return 0
  return parseDecimal(/^[+-]?\d+[iu]$/.test(text) ? text.slice(0, -1) : text)
}

/** Never rounded up: the last nanosecond of a bucket is not the next one's first. */
function secondsOf(time: string, unit: string): number {
  const { [unit]: seconds } = SECONDS
  if (seconds !== undefined) return Number(time) * seconds
  const { [unit]: digits } = DIGITS
  if (digits === undefined) return Number.NaN
  if (digits === 0 || time.startsWith('-')) return Number(time) / 10 ** digits
  const padded = time.padStart(digits + 1, '0')
  return Number(`${padded.slice(0, -digits)}.${padded.slice(-digits).slice(0, 6)}`)
}
