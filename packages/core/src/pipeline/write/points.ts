import { KairosError } from '../../errors.ts'
import { isMap, isSet } from '../../internal/collections.ts'
import { describe, textOf } from '../../internal/describe.ts'
import { isObject, isRecord } from '../../internal/kinds.ts'
import { toSeconds } from '../../time/timestamp.ts'
import type { Context } from '../context.ts'
import type { Merger } from './merge.ts'

/** Where values go. */
export type Sink = Pick<Merger, 'add' | 'addAll'>

/** Only a count has a default value. */
export function defaultValue({ settings }: Context): 1 | undefined {
  return settings.type === 'count' ? 1 : undefined
}

/** Files every value of one point: a value, or a list or `Set` of them. */
export function filePoint(sink: Sink, name: unknown, value: unknown, seconds: number, rolling: number): void {
  if (isList(value)) sink.addAll(name as string, seconds, value, rolling)
  else sink.add(name as string, seconds, value, rolling)
}

export function isList(value: unknown): value is Iterable<unknown> {
  return Array.isArray(value) || isSet(value)
}

/** A point of an iterable: `{ name, value, timestamp? }`. `defaultValue` is used when a count has no value. */
export function fileEntry(sink: Sink, entry: unknown, now: () => number, rolling: number, defaultValue: unknown): void {
  if (!isObject(entry) || !('name' in entry)) {
    throw new KairosError(
      'KAIROS_INVALID_VALUE',
      `a point must be { name, value, timestamp? }, not ${describe(entry)}`,
      { value: entry },
    )
  }
  const { name, value = defaultValue, timestamp } = entry as { name: unknown; value?: unknown; timestamp?: unknown }
  for (const key in entry) {
    if (key !== 'name' && key !== 'value' && key !== 'timestamp') throw unknownKey(key, name)
  }
  const seconds = timestamp === undefined || timestamp === null ? now() : momentOf(timestamp, 0, name)
  filePoint(sink, name, value, seconds, rolling)
}

/** A count with a misspelt `value` would add 1. */
function unknownKey(key: string, name: unknown): KairosError {
  return new KairosError(
    'KAIROS_INVALID_VALUE',
    `${describe(key)} is not a key of a point (series ${describe(name)}); known: name, value, timestamp`,
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

/** A timestamp in seconds; now when it is missing. */
export function momentOf(timestamp: unknown, now: number, name?: unknown): number {
  return timestamp === undefined || timestamp === null
    ? now
    : toSeconds(timestamp, typeof name === 'string' ? name : undefined)
}
