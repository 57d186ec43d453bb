import { isRecord, messageOf } from '@kairos/core/driver'
import { formatName } from '@kairos/core/labels'
import { isMoment } from '../carbon/moment.ts'
import type { InputKind } from '../config/types.ts'
import type { ServerLimits } from '../http/limits.ts'
import { KINDS } from '../mapping/kinds.ts'
import { tooManyLabels } from '../write/name-of.ts'
import type { Fault, Reason } from '../write/reasons.ts'
import type { Writer } from '../write/writer.ts'

const KEYS = ['name', 'labels', 'value', 'timestamp', 'kind', 'times']

/** Adds a point of JSON: `{ name, labels?, value, timestamp?, kind?, times? }`. What is wrong with it, if it is not added. */
export function takePoint(
  point: unknown,
  writer: Writer,
  { maxLineBytes, maxNameBytes }: Pick<ServerLimits, 'maxLineBytes' | 'maxNameBytes'>,
): Fault | undefined {
  if (!isRecord(point)) return fault('malformed', 'a point must be an object')
  const unknown = Object.keys(point).find((key) => !KEYS.includes(key))
  if (unknown !== undefined)
    return fault(
      'malformed',
      `a point must have only the keys ${KEYS.join(', ')}, not ${JSON.stringify(unknown.slice(0, 50))}`,
    )
  const { name, labels, value, timestamp, kind = 'value', times } = point
  if (typeof name !== 'string') return fault('name', 'the name must be a text')
  if (labels !== undefined && (!isRecord(labels) || Object.hasOwn(labels, 'name')))
    return fault('name', 'labels must be an object, without a label called "name"')
  const tooMany = labels === undefined ? undefined : tooManyLabels(Object.keys(labels).length, maxNameBytes)
  if (tooMany !== undefined) return tooMany
  if (typeof value !== 'string' && !Number.isFinite(value))
    return fault('value', 'the value must be a number or a text')
  // As in a line of StatsD's: values are counted while they wait, not their bytes.
  if (typeof value === 'string' && value.length > maxLineBytes)
    return fault('tooLong', `a text must have at most ${maxLineBytes} characters, not ${value.length}`)
  if (!KINDS.includes(kind as InputKind)) return fault('malformed', `kind must be one of ${KINDS.join(', ')}`)
  if (times !== undefined && !(Number.isSafeInteger(times) && (times as number) >= 1))
    return fault('malformed', 'times must be a whole number of at least 1')
  const time = timeOf(timestamp)
  if (Number.isNaN(time))
    return fault('time', 'the timestamp must be Unix seconds, or a text such as 2024-02-29T13:37:00Z')
  let whole: string
  try {
    whole = labels === undefined ? name : formatName({ ...labels, name } as Parameters<typeof formatName>[0])
  } catch (error) {
    return fault('name', messageOf(error))
  }
  if (!whole.isWellFormed()) return fault('name', 'the name must be well-formed Unicode')
  const route = writer.route(whole)
  if (kind === 'gauge' && typeof value === 'number') return writer.addGauge(route, value, false, time, false)
  return writer.add(route, kind as InputKind, value as number | string, time, times as number | undefined, false)
}

/** Undefined for now, NaN for what is not a moment. */
function timeOf(timestamp: unknown): number | undefined {
  if (timestamp === undefined || timestamp === null) return undefined
  // Without a zone it would be the machine's.
  const seconds =
    typeof timestamp === 'string' && /(Z|[+-]\d\d:?\d\d)$/.test(timestamp) ? Date.parse(timestamp) / 1_000 : timestamp
  return typeof seconds === 'number' && isMoment(seconds) ? seconds : Number.NaN
}

function fault(reason: Reason, message: string): Fault {
  return { reason, message }
}
