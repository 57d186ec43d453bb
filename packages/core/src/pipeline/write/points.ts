import { KairosError } from '../../errors.ts'
import { isMap, isSet } from '../../internal/collections.ts'
import { describe } from '../../internal/describe.ts'
import { isObject, isRecord } from '../../internal/kinds.ts'
import { textOf } from '../../internal/text-of.ts'
import { toSeconds } from '../../time/timestamp.ts'
import type { Context } from '../context.ts'
import { textOfName } from '../name-of.ts'
import type { Merger } from './merge.ts'

/** Where values go. */
export type Sink = Pick<Merger, 'labels' | 'add' | 'addAll'>

/** Only a count has a default value. */
export function defaultValue({ settings }: Context): 1 | undefined {
  return settings.type === 'count' ? 1 : undefined
}

/** Files every value of one point: a value, or a list or `Set` of them. */
export function filePoint(
  sink: Sink,
  name: unknown,
  value: unknown,
  seconds: number,
  rolling: number,
  times?: number,
): void {
  const text = textOfName(name, sink.labels) as string
  if (isList(value)) sink.addAll(text, seconds, value, rolling, times)
  else sink.add(text, seconds, value, rolling, times)
}

export function isList(value: unknown): value is Iterable<unknown> {
  return Array.isArray(value) || isSet(value)
}

/** How the points of a timeseries are read. */
export interface PointForm {
  /** When a point has no value. */
  readonly value: unknown
  /** Whether a point may have its times. */
  readonly counts: boolean
}

export function pointForm(context: Context): PointForm {
  return { value: defaultValue(context), counts: context.settings.rules.counts }
}

/** A point of an iterable: `{ name, value, timestamp?, times? }`. */
export function fileEntry(sink: Sink, entry: unknown, now: () => number, rolling: number, form: PointForm): void {
  if (!isObject(entry) || !('name' in entry)) {
    throw new KairosError(
      'KAIROS_INVALID_VALUE',
      `a point must be { name, value, timestamp? }, not ${describe(entry)}`,
      { value: entry },
    )
  }
  const { name: given, value = form.value, timestamp, times } = entry as Readonly<Record<string, unknown>>
  const name = textOfName(given, sink.labels)
  if (!hasKnownKeys(entry, form.counts)) checkKeys(entry, name, form)
  if (times !== undefined && !isTimes(times)) {
    throw new KairosError(
      'KAIROS_INVALID_VALUE',
      `times of a point must be ${TIMES}, not ${describe(times)} (series ${describe(name)})`,
      { series: textOf(name), value: times },
    )
  }
  const seconds = isNow(timestamp) ? now() : momentOf(timestamp, 0, name)
  filePoint(sink, name, value, seconds, rolling, times)
}

/** Whether it certainly has no unknown keys: to count them costs less than to compare them. */
function hasKnownKeys(entry: object, counts: boolean): boolean {
  let keys = 0
  for (const _ in entry) keys++
  const known = 1 + Number('value' in entry) + Number('timestamp' in entry) + Number(counts && 'times' in entry)
  return keys === known
}

/** @throws KAIROS_INVALID_VALUE */
function checkKeys(entry: object, name: unknown, form: PointForm): void {
  for (const key in entry) {
    if (key !== 'name' && key !== 'value' && key !== 'timestamp' && !(key === 'times' && form.counts))
      throw unknownKey(key, name, form)
  }
}

export const TIMES = 'a whole number from 1 to 2^53 - 1'

export function isTimes(times: unknown): times is number {
  return Number.isSafeInteger(times) && (times as number) >= 1
}

/** A count with a misspelt `value` would add 1. */
function unknownKey(key: string, name: unknown, { counts }: PointForm): KairosError {
  return new KairosError(
    'KAIROS_INVALID_VALUE',
    `${describe(key)} is not a key of a point (series ${describe(name)}); known: name, value, timestamp${counts ? ', times' : ''}`,
    { series: textOf(name), value: key },
  )
}

/** A map of moments to names to values; `null` is now. */
export function fileMap(sink: Sink, points: ReadonlyMap<unknown, unknown>, now: number, rolling: number): void {
  for (const [timestamp, names] of points) {
    const seconds = momentOf(timestamp, now)
    for (const [name, values] of entriesOf(names)) filePoint(sink, name, values, seconds, rolling)
  }
}

function entriesOf(names: unknown): Iterable<readonly [unknown, unknown]> {
  if (isMap(names)) return names
  if (isRecord(names)) return Object.entries(names)
  throw new KairosError(
    'KAIROS_INVALID_VALUE',
    `each moment must hold an object or a Map from names to lists of values, not ${describe(names)}`,
    {
      value: names,
    },
  )
}

/** A timestamp that is missing means now. */
export function isNow(timestamp: unknown): timestamp is undefined | null {
  return timestamp === undefined || timestamp === null
}

/** A timestamp in seconds. */
export function momentOf(timestamp: unknown, now: number, name?: unknown): number {
  return isNow(timestamp) ? now : toSeconds(timestamp, typeof name === 'string' ? name : undefined)
}
