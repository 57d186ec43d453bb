import { KairosError } from '@kairos/core'
import type { OriginalType, StoreSchema } from '@kairos/core/driver'
import { describe } from '@kairos/core/driver'
import type { Dialect } from '../dialects/dialect.ts'
import { type Layout, PLACE, SEQUENCE } from '../dialects/table.ts'
import { storageOf } from '../values/value-columns.ts'

const merges: Readonly<Record<OriginalType, Pick<Layout, 'merge' | 'merged'>>> = {
  series: { merge: 'append', merged: null },
  histogram: { merge: 'add', merged: 'count' },
  count: { merge: 'add', merged: 'value' },
  gauge: { merge: 'replace', merged: 'value' },
  set: { merge: 'keep', merged: null },
}

/**
 * The layout of a table for a type and valueType.
 * @throws KAIROS_UNSUPPORTED if this driver does not know the valueType
 */
export function layoutOf(dialect: Dialect, type: OriginalType, valueType: string, stringLength: number): Layout {
  const value = type === 'count' ? null : dialect.valueColumn(storageFor(valueType), stringLength)
  const { name, interval, integer, double } = dialect.keyTypes(stringLength)
  const keyed = type === 'histogram' || type === 'set'
  return {
    type,
    valueType,
    columns: [
      { name: 'name', type: name },
      { name: 'interval', type: interval },
      { name: 'i_time', type: integer },
      { name: 'r_time', type: integer },
      { name: 'value', type: value?.type ?? double },
      ...(type === 'histogram' ? [{ name: 'count', type: double }] : []),
    ],
    key: [...PLACE, ...(keyed ? ['value'] : type === 'series' ? [SEQUENCE] : [])],
    ...merges[type],
    value,
  }
}

/** @throws KAIROS_UNSUPPORTED if this driver does not know the valueType, even if the table exists with another one */
export function checkValueType({ type, valueType }: Pick<StoreSchema, 'type' | 'valueType'>): void {
  if (type !== 'count') storageFor(valueType)
}

function storageFor(valueType: string): (typeof storageOf)[string] {
  const storage = storageOf[valueType]
  if (storage !== undefined) return storage
  throw new KairosError(
    'KAIROS_UNSUPPORTED',
    `valueType must be one of ${Object.keys(storageOf).join(', ')} for the sql driver, not ${describe(valueType)}`,
    {
      driver: 'sql',
      feature: 'valueType',
    },
  )
}
