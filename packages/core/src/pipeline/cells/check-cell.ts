import type { CellValue, Scalar } from '../../contract/cells.ts'
import type { SummaryValue } from '../../contract/sketches.ts'
import { KairosError } from '../../errors.ts'
import { isBytes, isMap, isSet } from '../../internal/collections.ts'
import { describe } from '../../internal/describe.ts'
import { isRecord } from '../../internal/kinds.ts'
import type { Interval, Settings } from '../../settings.ts'
import { isBin } from '../../sketches/bins.ts'
import { areRegisters } from '../../sketches/register-bytes.ts'
import { inRange, toSeconds } from '../../time/timestamp.ts'
import { isSummary } from '../../types/summary.ts'
import { checkName, createNormaliser, type Normaliser } from '../check-values.ts'
import type { Context } from '../context.ts'
import { intervalOf } from '../selected.ts'
import type { Cursor } from './cursor.ts'

/** A cell to be written, checked. */
export interface CheckedCell extends Cursor {
  readonly value: CellValue | null
  readonly expected?: CellValue | null
}

const KEYS = ['name', 'interval', 'start', 'resolutionStart', 'value', 'expected', 'expires', 'cursor']

/** Checks cells of callers. `replaces`: null deletes, and what a cell is expected to hold may be said. */
export function cellChecker({ settings, driver }: Context, replaces: boolean): (cell: unknown) => CheckedCell {
  // As it is stored: what a writeFunc made, it need not make again.
  const normalise = createNormaliser({ ...settings, writeFunc: undefined }, driver)
  const readValue = VALUES[settings.type]
  const { precision } = settings
  const { maxChange = Number.MAX_VALUE } = driver.capabilities

  // One for all cells, of which there may be millions.
  let checking = ''
  const allowed: Allowed = {
    normalise: (scalar) => normalise(scalar, checking),
    mostTimes: replaces ? Number.MAX_VALUE : maxChange,
    precision,
  }

  function valueAt(path: string, value: unknown, name: string): CellValue | null {
    if (value === null && replaces) return null
    checking = name
    const checked = readValue(value, allowed)
    if (checked !== undefined) return checked
    const remedy = replaces ? ', or null for no cell' : ''
    throw invalidCell(`${path} must be ${SHAPES[settings.type]}${remedy}, not ${describe(value)}`, name, value)
  }

  return (cell) => {
    if (!isRecord(cell)) {
      throw invalidCell(`a cell must be { name, interval, start, value }, not ${describe(cell)}`, undefined, cell)
    }
    const { name, interval, start, resolutionStart, value, expected } = cell
    checkName(name, driver.capabilities)
    for (const key of Object.keys(cell)) {
      if (!KEYS.includes(key)) {
        throw invalidCell(`${describe(key)} is not a key of a cell; known: ${KEYS.join(', ')}`, name, key)
      }
    }
    if (expected === undefined && Object.hasOwn(cell, 'expected'))
      throw invalidCell('expected must be a value, null for no cell, or left out, not undefined', name, expected)
    if (expected !== undefined && !replaces)
      throw invalidCell("expected must be used with mode: 'replace'", name, expected)
    const own = intervalOf(settings, interval)
    const { bucket, resolutionBucket } = bucketsOf(own, name, start, resolutionStart)
    const checked = { name, interval: own.name, bucket, resolutionBucket, value: valueAt('value', value, name) }
    return expected === undefined ? checked : { ...checked, expected: valueAt('expected', expected, name) }
  }
}

/** The bucket that begins exactly there: a cell of another step must not slip into a bucket of this one. */
function bucketsOf(
  interval: Interval,
  name: string,
  start: unknown,
  resolutionStart: unknown,
): { readonly bucket: number; readonly resolutionBucket: number } {
  const { buckets, resolution } = interval
  const bucket = bucketAt(buckets, 'start', start, name)
  if (resolution === null) {
    if (resolutionStart === undefined) return { bucket, resolutionBucket: 0 }
    const fault = `resolutionStart must not be there: the interval ${describe(interval.name)} has no resolution`
    throw invalidCell(fault, name, resolutionStart)
  }
  const key = bucketAt(resolution, 'resolutionStart', resolutionStart, name)
  const seconds = resolution.startOf(key)
  if (seconds >= buckets.startOf(bucket) && seconds < buckets.endOf(bucket))
    return { bucket, resolutionBucket: resolution.stored(bucket, key) }
  throw invalidCell(`resolutionStart must lie in the bucket of start, not be ${seconds}`, name, resolutionStart)
}

function bucketAt(
  spans: { bucketOf(seconds: number): number; startOf(bucket: number): number },
  path: string,
  moment: unknown,
  name: string,
): number {
  if (moment === undefined) throw invalidCell(`${path} must be the start of a bucket, not undefined`, name, moment)
  const seconds = toSeconds(moment, name)
  const bucket = spans.bucketOf(seconds)
  if (spans.startOf(bucket) === seconds) return bucket
  throw invalidCell(`${path} must be exactly where a bucket starts, not ${seconds}`, name, moment)
}

/** What a value may hold. */
interface Allowed {
  normalise(scalar: unknown): ReturnType<Normaliser>
  readonly mostTimes: number
  readonly precision: number | null
}

const SHAPES: Readonly<Record<Settings['type'], string>> = {
  series: 'a list of at least one value',
  histogram: 'a Map of at least one value to its times, whole numbers from 1',
  count: 'a number',
  gauge: 'a value',
  set: 'a Set of at least one value',
  summary: 'an object of numbers { count, sum, min, max, last, lastAt } that a write may have made',
  distribution: 'a Map of at least one bin to how many values it has, whole numbers from 1',
  unique: 'a Uint8Array of registers with the precision of the timeseries',
}

/** The value of a cell, as drivers see it; undefined if it has another shape. */
const VALUES: Readonly<Record<Settings['type'], (value: unknown, allowed: Allowed) => CellValue | undefined>> = {
  series: (value, { normalise }) =>
    Array.isArray(value) && value.length > 0 ? Array.from(value, (scalar) => normalise(scalar)) : undefined,
  histogram(value, { normalise, mostTimes }) {
    if (!isMap(value) || value.size === 0) return undefined
    const counts = new Map<Scalar, number>()
    for (const [scalar, times] of value) {
      if (!isTimesUpTo(times, mostTimes)) return undefined
      const key = normalise(scalar)
      counts.set(key, (counts.get(key) ?? 0) + times)
    }
    return counts
  },
  count: (value, { normalise }) => (typeof value === 'number' ? (normalise(value) as number) : undefined),
  gauge: (value, { normalise }) => (value === undefined || value === null ? undefined : normalise(value)),
  set: (value, { normalise }) =>
    isSet(value) && value.size > 0 ? new Set(Array.from(value, (scalar) => normalise(scalar))) : undefined,
  summary: (value, { mostTimes }) => (isSummary(value) && isPossible(value, mostTimes) ? summaryIn(value) : undefined),
  distribution(value, { mostTimes }) {
    if (!isMap(value) || value.size === 0) return undefined
    for (const [bin, times] of value) if (!(isBin(bin) && isTimesUpTo(times, mostTimes))) return undefined
    return new Map(value as ReadonlyMap<number, number>)
  },
  unique: (value, { precision }) =>
    isBytes(value) && areRegisters(value, precision!) ? new Uint8Array(value) : undefined,
}

function isTimesUpTo(times: unknown, most: number): times is number {
  return Number.isInteger(times) && (times as number) >= 1 && (times as number) <= most
}

/** Whether values can have been summed up to this. */
function isPossible({ count, sum, min, max, last, lastAt }: SummaryValue, mostSum: number): boolean {
  return (
    isTimesUpTo(count, mostSum) &&
    Math.abs(sum) <= mostSum &&
    [min, max, last].every(Number.isFinite) &&
    min <= last &&
    last <= max &&
    inRange(lastAt)
  )
}

function summaryIn({ count, sum, min, max, last, lastAt }: SummaryValue): SummaryValue {
  return { count, sum: sum + 0, min: min + 0, max: max + 0, last: last + 0, lastAt: lastAt + 0 }
}

function invalidCell(message: string, series: string | undefined, value: unknown): KairosError {
  const where = series === undefined ? '' : ` (series ${describe(series)})`
  return new KairosError('KAIROS_INVALID_VALUE', `${message}${where}`, {
    ...(series !== undefined && { series }),
    value,
  })
}
