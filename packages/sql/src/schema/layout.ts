import { KairosError } from '@kairos/core'
import type { TimeseriesType } from '@kairos/core/driver'
import { describe } from '@kairos/core/driver'
import type { Dialect } from '../dialects/dialect.ts'
import { type Layout, PLACE, SEQUENCE, SUMMARY_COLUMNS, UNITED } from '../dialects/table.ts'
import type { SketchCodec, SketchType } from '../values/sketch-codec.ts'
import { type Storage, storageOf } from '../values/value-columns.ts'
import type { Recorded } from './record-document.ts'

/** What follows from a type alone. */
interface Kind extends Pick<Layout, 'data' | 'merged'> {
  /** How `value` is stored: as the valueType says, always in this way, or not at all. */
  readonly storage: 'valueType' | Storage | null
  /** What the primary key has besides the cell's place. */
  readonly keyed?: 'value' | typeof SEQUENCE
  /** Whether its cells are sketches, to which writes append. */
  readonly isSketch?: true
}

const sketch: Kind = {
  data: ['value'],
  merged: [{ column: 'value', by: 'append' }],
  storage: 'blob',
  isSketch: true,
}

const kinds: Readonly<Record<TimeseriesType, Kind>> = {
  series: { data: ['value'], merged: [], storage: 'valueType', keyed: SEQUENCE },
  histogram: {
    data: ['value', 'count'],
    merged: [{ column: 'count', by: 'add' }],
    storage: 'valueType',
    keyed: 'value',
  },
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
  distribution: sketch,
  unique: sketch,
}

/** Whether the cells of a type are sketches. */
export function isSketch(type: TimeseriesType): type is SketchType {
  return kinds[type].isSketch === true
}

/**
 * The layout of a table for a type and valueType. `codec`: of a type with sketches, where cells are read or written.
 * @throws KAIROS_UNSUPPORTED if this driver does not know the valueType
 */
export function layoutOf(
  dialect: Dialect,
  { type, valueType, stringLength }: Omit<Recorded, 'record' | 'name'>,
  codec: SketchCodec | null,
): Layout {
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
      ...(isSketch(type) ? [{ name: UNITED, type: integer }] : []),
    ],
    key: [...PLACE, ...(keyed === undefined ? [] : [keyed])],
    data,
    appends: keyed === SEQUENCE,
    merged,
    value,
    sketch: isSketch(type) ? codec : null,
  }
}

/** The same, where what is written replaces what is there. */
export function replacingLayout(layout: Layout): Layout {
  const columns = [...layout.data, ...(isSketch(layout.type) ? ([UNITED] as const) : [])]
  return { ...layout, merged: columns.map((column) => ({ column, by: 'replace' })) }
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
