import { type CallOptions, KairosError } from '@kairos/core'
import { type CheckedConfig, configOf } from '@kairos/core/calls'
import { checkKeys, invalidOption } from '@kairos/core/driver'
import { dateOf, scalarOf } from '../cells/cell-json.ts'
import type { AnyTimeseries } from '../cells/source.ts'
import { checkFormat, type Format } from '../formats/options.ts'
import { type ImportInput, rowsOf } from '../formats/rows.ts'
import { type ImportCalls, type ImportResult, importRows } from './batches.ts'
import { type Columns, checkColumns, fieldFault, fieldReader } from './fields.ts'

/** A field of an imported point. */
export type PointField = 'name' | 'value' | 'timestamp' | 'times'
/** What a number as a timestamp counts. */
export type TimeUnit = 's' | 'ms' | 'us' | 'ns'

/** What `importPoints` reads, and how. */
export interface ImportPointsOptions extends ImportCalls, CallOptions {
  /** Default `'ndjson'`. */
  readonly format?: Format | undefined
  /** Where the fields are, if not under their own names: `{ name: 'host', value: 'ms' }`; in a CSV without a header, their numbers from 0. */
  readonly columns?: Columns<PointField> | undefined
  /** What a row has that leaves a field out: `{ name: 'home', value: 1 }`. */
  readonly defaults?: { readonly [Field in PointField]?: unknown } | undefined
  /** Of CSV: whether the first line names the columns; default true. */
  readonly header?: boolean | undefined
  /** Of CSV: what is between columns; default `','`. */
  readonly delimiter?: string | undefined
  /** What a number as a timestamp counts; default `'s'`, seconds. */
  readonly unit?: TimeUnit | undefined
}

const FIELDS: readonly PointField[] = ['name', 'value', 'timestamp', 'times']
const OPTIONS = [
  'format',
  'columns',
  'defaults',
  'header',
  'delimiter',
  'unit',
  'onDeadLetter',
  'onProgress',
  'skip',
  'signal',
  'patience',
]
const UNITS: Readonly<Record<TimeUnit, number>> = { s: 1, ms: 1e3, us: 1e6, ns: 1e9 }

/**
 * Writes the points of a text: rows with a `name`, a `value` and a `timestamp` (a number, or ISO 8601, which is UTC where it names no zone), and `times`
 * for counts, histograms and distributions. Values are those of the timeseries' `valueType`; text is read as such a value: int64 as digits,
 * a blob as base64, a datetime as ISO 8601. Memory stays bounded, whatever the length of the input. It is not safe to repeat what adds up.
 * @throws KAIROS_INVALID_CONFIG; KAIROS_INVALID_VALUE for a row that does not fit, without `onDeadLetter`; and what `bulkInsert` throws
 * @example
 * await importPoints(times, createReadStream('access.csv'), {
 *   format: 'csv',
 *   columns: { name: 'path', value: 'ms', timestamp: 'at' },
 *   onDeadLetter: ({ row, reason }) => console.error(row, reason),
 * })
 */
export async function importPoints(
  timeseries: AnyTimeseries,
  input: ImportInput,
  options: ImportPointsOptions = {},
): Promise<ImportResult> {
  checkKeys(options, OPTIONS, { owner: 'importPoints' })
  const {
    format = 'ndjson',
    columns = {},
    defaults = {},
    header = true,
    delimiter = ',',
    unit = 's',
    signal,
    patience,
  } = options
  checkFormat(format)
  checkColumns(columns, FIELDS)
  if (typeof delimiter !== 'string' || !/^[^"\r\n]$/u.test(delimiter))
    throw invalidOption({ path: 'delimiter', expected: 'one character', value: delimiter })
  if (!Object.hasOwn(UNITS, unit)) throw invalidOption({ path: 'unit', expected: 'one of s, ms, us, ns', value: unit })
  const read = fieldReader(FIELDS, columns, defaults)
  const config = configOf(timeseries)
  return importRows(
    rowsOf(input, format, { header, delimiter }),
    (row) => pointOf(config, read(row), unit),
    (points) => timeseries.bulkInsert(points as never, { signal, patience }),
    options,
  )
}

function pointOf(
  { type, valueType, writeFunc }: CheckedConfig,
  { name, value, timestamp, times }: { readonly [Field in PointField]?: unknown },
  unit: TimeUnit,
): object {
  // A writeFunc takes what it takes.
  const each = (one: unknown): unknown => (writeFunc === undefined ? scalarOf(valueType, one) : one)
  if (value === undefined && type !== 'count') throw invalid(fieldFault('value', 'given', value), value)
  return {
    name,
    ...(value !== undefined && { value: Array.isArray(value) ? value.map(each) : each(value) }),
    timestamp: timestampOf(timestamp, unit),
    ...(times !== undefined && { times: scalarOf('int', times) }),
  }
}

function timestampOf(timestamp: unknown, unit: TimeUnit): number | Date {
  const moment = typeof timestamp === 'string' ? scalarOf('float', timestamp) : timestamp
  if (typeof moment === 'number') return moment / UNITS[unit]
  const date = typeof moment === 'string' ? dateOf(moment) : moment
  if (date instanceof Date) return date
  throw invalid(fieldFault('timestamp', 'a number or ISO 8601 (2024-02-29T13:00:00Z)', timestamp), timestamp)
}

function invalid(message: string, value: unknown): KairosError {
  return new KairosError('KAIROS_INVALID_VALUE', message, { value })
}
