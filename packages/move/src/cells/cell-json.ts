import type { CellData, Summary } from '@kairos/core'
import type { CheckedConfig } from '@kairos/core/calls'
import { isRecord } from '@kairos/core/driver'

type Type = CheckedConfig['type']
/** How the values of a configuration are written and read. */
export type Values = Pick<CheckedConfig, 'type' | 'valueType'>

/**
 * What a cell holds, as JSON: the same text for the same content on every store. Maps are lists of pairs and sets are lists, both sorted; int64 is
 * text, datetime is ISO 8601, bytes are base64.
 */
export function jsonOfData({ type }: Pick<Values, 'type'>, value: CellData): unknown {
  return WRITTEN[type](value as never)
}

const WRITTEN: Readonly<Record<Type, (value: never) => unknown>> = {
  series: (values: readonly unknown[]) => values.map(jsonOfScalar),
  histogram: pairsOf,
  count: jsonOfScalar,
  gauge: jsonOfScalar,
  set: (values: ReadonlySet<unknown>) => [...values].map(jsonOfScalar).sort(ascending),
  summary: ({ count, sum, min, max, last, lastAt }: Summary) => ({ count, sum, min, max, last, lastAt }),
  distribution: pairsOf,
  unique: jsonOfScalar,
}

function pairsOf(values: ReadonlyMap<unknown, number>): unknown[] {
  return Array.from(values, ([value, times]) => [jsonOfScalar(value), times] as const).sort(([one], [other]) =>
    ascending(one, other),
  )
}

function jsonOfScalar(value: unknown): string | number | boolean {
  if (typeof value === 'bigint') return String(value)
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
  if (value instanceof Date) return value.toISOString()
  return value as string | number | boolean
}

function ascending(one: string | number | boolean, other: string | number | boolean): number {
  return one < other ? -1 : one > other ? 1 : 0
}

/**
 * The value that JSON or text represents, as a write takes it. What does not fit stays as it is: the write refuses it, and says why.
 * @example `parseValue('int64', '9007199254740993') // 9007199254740993n`
 */
export function scalarOf(valueType: CheckedConfig['valueType'], json: unknown): unknown {
  return READ[valueType ?? 'float']?.(json) ?? json
}

const WHOLE = /^-?\d+$/
const NUMBER = /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i
const number = (json: unknown): unknown => (typeof json === 'string' && NUMBER.test(json) ? Number(json) : json)

const READ: Partial<Record<NonNullable<CheckedConfig['valueType']>, (json: unknown) => unknown>> = {
  float: number,
  int: number,
  int64: (json) => (typeof json === 'string' && WHOLE.test(json) ? BigInt(json) : json),
  boolean: (json) => (json === 'true' ? true : json === 'false' ? false : json),
  blob: (json) => (typeof json === 'string' && isBase64(json) ? new Uint8Array(Buffer.from(json, 'base64')) : json),
  datetime: (json) => (typeof json === 'string' ? dateOf(json) : json),
}

function isBase64(text: string): boolean {
  return /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text)
}

/** ISO 8601, in UTC where it names no zone; anything else stays text. */
export function dateOf(text: string): Date | string {
  const match = /^\d{4}-\d\d-\d\d(?:([T ])\d\d:\d\d(?::\d\d(?:\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?$/i.exec(text.trim())
  if (match === null) return text
  const date = new Date(text.trim() + (match[1] !== undefined && match[2] === undefined ? 'Z' : ''))
  return Number.isNaN(date.getTime()) ? text : date
}

/** What a cell holds, from what `jsonOfData` has made of it. What has another shape stays as it is: the write refuses it, and says why. */
export function dataOfJson({ type, valueType }: Values, json: unknown): unknown {
  const each = (value: unknown): unknown => scalarOf(valueType, value)
  if (type === 'series') return Array.isArray(json) ? json.map(each) : json
  if (type === 'set') return Array.isArray(json) ? new Set(json.map(each)) : json
  if (type === 'histogram') return mapOfJson(json, each)
  if (type === 'distribution') return mapOfJson(json, number)
  if (type === 'unique') return scalarOf('blob', json)
  if (type === 'summary') return isRecord(json) ? { ...json } : json
  return each(json)
}

function mapOfJson(json: unknown, each: (value: unknown) => unknown): unknown {
  const isPairs = Array.isArray(json) && json.every((pair) => Array.isArray(pair) && pair.length === 2)
  return isPairs ? new Map(json.map(([value, times]) => [each(value), times])) : json
}
