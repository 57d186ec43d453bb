import { KairosError } from '@kairos/core'
import type { StoreSchema, TimeseriesType } from '@kairos/core/driver'
import { describe } from '@kairos/core/driver'
import type { Dialect } from '../dialects/dialect.ts'
import { type Layout, PLACE, SEQUENCE, SUMMARY_COLUMNS } from '../dialects/table.ts'
import { type Storage, storageOf } from '../values/value-columns.ts'

/** What follows from a type alone. */
interface Kind extends Pick<Layout, 'data' | 'merged'> {
  /** How `value` is stored: as the valueType says, always in this way, or not at all. */
  readonly storage: 'valueType' | Storage | null
  /** What the primary key has besides the cell's place. */
  readonly keyed?: 'value' | typeof SEQUENCE
}

const times: Omit<Kind, 'storage'> = {
  data: ['value', 'count'],
  merged: [{ column: 'count', by: 'add' }],
  keyed: 'value',
}

const kinds: Readonly<Record<TimeseriesType, Kind>> = {
  series: { data: ['value'], merged: [], storage: 'valueType', keyed: SEQUENCE },
  histogram: { ...times, storage: 'valueType' },
  count: { data: ['value'], merged: [{ column: 'value', by: 'add' }], storage: null },
  gauge: { data: ['value'], merged: [{ column: 'value', by: 'replace' }], storage: 'valueType' },
  set: { data: ['value'], merged: [], storage: 'valueType', keyed: 'value' },
  summary: {
    data: Object.values(SUMMARY_COLUMNS),
    merged: [
      { column: 'count', by: 'add' },
      { column: 'sum', by: 'add' },
      { column: 'min', by: 'least' },
      { column: 'max', by: 'greatest' },
      { column: 'last', by: 'latest' },
      { column: 'last_at', by: 'greatest' },
    ],
    storage: null,
  },
  // By bin.
  distribution: { ...times, storage: 'integer' },
  // Its registers, which this driver merges itself: an insert leaves those of a cell that is there.
  unique: { data: ['value'], merged: [], storage: 'blob' },
}

/**
 * The layout of a table for a type and valueType.
 * @throws KAIROS_UNSUPPORTED if this driver does not know the valueType
 */
export function layoutOf(dialect: Dialect, type: TimeseriesType, valueType: string, stringLength: number): Layout {
  const { data, merged, storage, keyed } = kinds[type]
  const stored = storage === 'valueType' ? storageFor(valueType) : storage
  const value = stored === null ? null : dialect.valueColumn(stored, stringLength)
  const { name, interval, integer, double } = dialect.keyTypes(stringLength)
  return {
    type,
    valueType,
    columns: [
      { name: 'name', type: name },
      { name: 'interval', type: interval },
      { name: 'i_time', type: integer },
      { name: 'r_time', type: integer },
      ...data.map((column) => ({ name: column, type: column === 'value' && value !== null ? value.type : double })),
    ],
    key: [...PLACE, ...(keyed === undefined ? [] : [keyed])],
    data,
    appends: keyed === SEQUENCE,
    merged,
    value,
  }
}

/** The same, where what is written replaces what is there. */
export function replacingLayout(layout: Layout): Layout {
  return { ...layout, merged: layout.data.map((column) => ({ column, by: 'replace' })) }
}

/** @throws KAIROS_UNSUPPORTED if this driver does not know the valueType, even if the table exists with another one */
export function checkValueType({ type, valueType }: Pick<StoreSchema<TimeseriesType>, 'type' | 'valueType'>): void {
  if (kinds[type].storage === 'valueType') storageFor(valueType)
}

function storageFor(valueType: string): Storage {
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
