import type { Capabilities, Scalar, StorageDriver, TimeseriesType } from '../contract/cells.ts'
import { KairosError } from '../errors.ts'
import { isBytes } from '../internal/collections.ts'
import { describe } from '../internal/describe.ts'
import { isDate } from '../internal/kinds.ts'
import { textOf } from '../internal/text-of.ts'
import type { Settings } from '../settings.ts'
import { isKeyable, type ValueType } from '../values/value-types.ts'

/** The limit of this store that a string exceeds, or null. `limit` is in code points, `bytes` in UTF-8. */
function excess(text: string, limit: number | undefined, bytes: number | undefined): string | null {
  // A code unit is at most a code point and at most three bytes: nearly every string passes without being counted.
  if (limit !== undefined && text.length > limit && [...text].length > limit) return `${limit} characters`
  if (bytes !== undefined && text.length * 3 > bytes && new TextEncoder().encode(text).length > bytes)
    return `${bytes} bytes of UTF-8`
  return null
}

/** @throws KAIROS_INVALID_VALUE */
export function checkName(name: unknown, capabilities: Capabilities): asserts name is string {
  if (typeof name !== 'string' || name === '' || !name.isWellFormed()) {
    throw new KairosError(
      'KAIROS_INVALID_VALUE',
      `a name must be a non-empty string of well-formed Unicode, not ${describe(name)}`,
      { value: name },
    )
  }
  const most = excess(name, capabilities.maxStringLength, capabilities.maxNameBytes)
  if (most !== null) {
    throw new KairosError(
      'KAIROS_INVALID_VALUE',
      `a name must be at most ${most} long in this store, not ${describe(name)}`,
      { series: name, value: name },
    )
  }
}

const KEYED: readonly TimeseriesType[] = ['histogram', 'set']

/** Turns a caller's value into what is stored; throws KAIROS_INVALID_VALUE for one that does not fit, before anything is written. */
export type Normaliser = (value: unknown, name: unknown) => Scalar

export function createNormaliser(settings: Settings, { id, capabilities }: StorageDriver): Normaliser {
  const { kind, valueType, writeFunc, type } = settings
  const { maxChange = Number.POSITIVE_INFINITY } = capabilities
  const limit = valueType === 'string' ? capabilities.maxStringLength : undefined
  const bytes = KEYED.includes(type) ? capabilities.maxKeyBytes : undefined
  const expected = kind === null ? 'a finite number' : `${valueType} (${kind.expected})`
  const normalise =
    kind?.normalise ??
    ((value: unknown) => (typeof value === 'number' && Number.isFinite(value) ? value + 0 : undefined))
  const refuse = (value: unknown, name: unknown, fits: string, remedy = ''): never => {
    throw new KairosError(
      'KAIROS_INVALID_VALUE',
      `a value of the series ${describe(name)} must be ${fits}, not ${describe(value)}${remedy}`,
      { series: textOf(name), value },
    )
  }
  return (value, name) => {
    const written = writeFunc === undefined ? value : writeFunc(value)
    const scalar = normalise(written)
    if (scalar === undefined) return refuse(written, name, expected, remedyFor(written, settings))
    if (typeof scalar === 'string') {
      const most = excess(scalar, limit, bytes)
      if (most !== null) return refuse(written, name, `at most ${most} long in this store`)
    }
    if (type === 'count' && !capabilities.fractionalCounts && !Number.isInteger(scalar)) {
      throw new KairosError(
        'KAIROS_UNSUPPORTED',
        `a value of the series ${describe(name)} must be a whole number in the ${id} store, not ${describe(written)}`,
        { driver: id, feature: 'fractionalCounts', series: textOf(name), value: written },
      )
    }
    if ((type === 'count' || type === 'summary') && Math.abs(scalar as number) > maxChange)
      return refuse(written, name, `at most ${maxChange} in one write to this store`)
    return scalar
  }
}

/** Which valueType would accept such a value, when the configured one does not. */
function remedyFor(value: unknown, { type, valueType }: Settings): string {
  const fitting = valueTypeFor(value)
  if (fitting === undefined || fitting === valueType) return ''
  if (valueType === null && type !== 'count') return ''
  if (type === 'count') return `; a count adds numbers, a histogram with valueType: '${fitting}' counts such values`
  if (KEYED.includes(type) && !isKeyable(fitting)) return ''
  return `; for such values configure valueType: '${fitting}'`
}

function valueTypeFor(value: unknown): ValueType | undefined {
  if (typeof value === 'string') return 'string'
  if (typeof value === 'boolean') return 'boolean'
  if (typeof value === 'bigint') return 'int64'
  return isDate(value) ? 'datetime' : isBytes(value) ? 'blob' : undefined
}
