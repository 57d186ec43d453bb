import type { ValueType } from '@kairos/core'
import { dateOf } from '../cells/cell-json.ts'
import type { RawValue } from './types.ts'

/** What a stored value is as a valueType; undefined: it is not one. Python wrote `5` for an int, `5.0` for a float, `True`, `1e+16`, `inf`. */
export function readValue(valueType: ValueType, raw: RawValue): unknown {
  return raw === null ? undefined : READ[valueType](raw)
}

type Present = NonNullable<RawValue>

const INTEGER = /^[+-]?\d+$/
const WHOLE_FLOAT = /^[+-]?\d+\.0+$/
const FLOAT = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i

const READ: Readonly<Record<ValueType, (raw: Present) => unknown>> = {
  float: numberOf,
  int(raw) {
    const integer = integerOf(raw)
    return integer !== undefined && BigInt(Number(integer)) === integer && Number.isSafeInteger(Number(integer))
      ? Number(integer)
      : undefined
  },
  int64(raw) {
    const integer = integerOf(raw)
    return integer !== undefined && BigInt.asIntN(64, integer) === integer ? integer : undefined
  },
  decimal: textOf,
  string: textOf,
  text: textOf,
  boolean: (raw) => {
    const text = String(raw).toLowerCase()
    return text === 'true' || text === '1' ? true : text === 'false' || text === '0' ? false : undefined
  },
  blob: (raw) => (raw instanceof Uint8Array ? new Uint8Array(raw) : undefined),
  date: (raw) => (raw instanceof Date ? raw.toISOString().slice(0, 10) : textOf(raw)),
  time: textOf,
  datetime(raw) {
    const date = typeof raw === 'string' ? dateOf(raw) : raw
    return date instanceof Date ? date : undefined
  },
  inet: textOf,
}

/** A finite number. */
export function numberOf(raw: Present): number | undefined {
  const number = typeof raw === 'string' && FLOAT.test(raw) ? Number(raw) : typeof raw === 'bigint' ? Number(raw) : raw
  return typeof number === 'number' && Number.isFinite(number) ? number + 0 : undefined
}

function integerOf(raw: Present): bigint | undefined {
  if (typeof raw === 'bigint') return raw
  if (typeof raw === 'number') return Number.isInteger(raw) ? BigInt(raw) : undefined
  if (typeof raw !== 'string') return undefined
  if (INTEGER.test(raw)) return BigInt(raw.replace('+', ''))
  return WHOLE_FLOAT.test(raw) ? BigInt(raw.replace(/\.0+$/, '').replace('+', '')) : undefined
}

function textOf(raw: Present): string | undefined {
  if (raw instanceof Uint8Array || raw instanceof Date) return undefined
  const text = String(raw)
  return text.isWellFormed() ? text : undefined
}

/** A value for a message. */
export function shown(raw: RawValue): string {
  const text = raw instanceof Uint8Array ? `${raw.length} bytes` : raw instanceof Date ? raw.toISOString() : String(raw)
  return text.length > 80 ? `${text.slice(0, 80)}…` : text
}
