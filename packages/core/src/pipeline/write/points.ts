import { KairosError } from '../../errors.ts'
import { describe } from '../../internal/describe.ts'
import { isMap, isObject, isRecord, isSet } from '../../internal/kinds.ts'
import { toSeconds } from '../../time/timestamp.ts'
import type { Context } from '../context.ts'
import type { Merger } from './merge.ts'

/** Only a count counts without being told how many. */
export function defaultValue({ settings }: Context): 1 | undefined {
  return settings.type === 'count' ? 1 : undefined
}

/** Files every value of one point: a value, or a list or `Set` of them. */
export function filePoint(merger: Merger, name: unknown, value: unknown, seconds: number, rolling: number): void {
  if (isList(value)) {
    merger.checkName(name)
    for (const each of value) merger.add(name as string, seconds, each, rolling)
  } else merger.add(name as string, seconds, value, rolling)
}

export function isList(value: unknown): value is Iterable<unknown> {
  return Array.isArray(value) || isSet(value)
}

/** A point of an iterable: `{ name, value, timestamp? }`. `defaultValue` stands in where a count has no value. */
export function fileEntry(merger: Merger, entry: unknown, now: number, rolling: number, defaultValue: unknown): void {
  if (!isObject(entry) || !('name' in entry)) {
    throw new KairosError(
      'KAIROS_INVALID_VALUE',
      `${describe(entry)} is not a point: want { name, value, timestamp? }`,
      { value: entry },
    )
  }
  const { name, value = defaultValue, timestamp } = entry as { name: unknown; value?: unknown; timestamp?: unknown }
  filePoint(merger, name, value, momentOf(timestamp, now, name), rolling)
}

/** A map of moments to names to values; `null` is now. */
export function fileMap(merger: Merger, points: ReadonlyMap<unknown, unknown>, now: number, rolling: number): void {
  for (const [timestamp, names] of points) {
    const seconds = momentOf(timestamp, now)
    for (const [name, values] of entriesOf(names)) filePoint(merger, name, values, seconds, rolling)
  }
}

function entriesOf(names: unknown): Iterable<readonly [unknown, unknown]> {
  if (isMap(names)) return names
  if (isRecord(names)) return Object.entries(names)
  throw new KairosError('KAIROS_INVALID_VALUE', `${describe(names)} does not map names to lists of values`, {
    value: names,
  })
}

/** Seconds of a timestamp that may be missing: then it is now. */
export function momentOf(timestamp: unknown, now: number, name?: unknown): number {
  return timestamp === undefined || timestamp === null
    ? now
    : toSeconds(timestamp, typeof name === 'string' ? name : undefined)
}
