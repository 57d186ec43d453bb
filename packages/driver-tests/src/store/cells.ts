import type {
  CellPosition,
  CellQuery,
  CellStore,
  CellValue,
  OldestLive,
  Scalar,
  StoredCell,
  StoreSchema,
  TimeseriesType,
} from '@kairos/core/driver'
import type { AnyConfig } from '../internal/any-timeseries.ts'
import { kinds } from '../internal/kinds.ts'
import { allNames } from '../internal/pages.ts'
import { claim, same, show } from '../internal/same.ts'
import type { Instance, OpenedCells, TestContext } from '../test-context.ts'

/** Before every bucket: what core passes if nothing expires. */
export const ALWAYS: number = Number.MIN_SAFE_INTEGER

/** The intervals of most store tests; none of them expires by the configuration. */
const INTERVALS = {
  minute: { step: 60 },
  hour: { step: 3600, resolution: 60 },
  day: { step: 'daily', resolution: '1h' },
} as const

/** A store of the usual intervals. */
export function usualCells(context: TestContext, type: TimeseriesType, instance: Instance = 0): Promise<OpenedCells> {
  return context.cells(usualConfig(type), instance)
}

export function usualConfig(type: TimeseriesType): AnyConfig {
  return { type, intervals: INTERVALS }
}

/** A cell, and its value or change. */
export interface Cell {
  readonly name: string
  readonly interval: string
  readonly bucket: number
  readonly resolutionBucket: number
  readonly change: CellValue
}

export function cell(
  name: string,
  interval: string,
  bucket: number,
  resolutionBucket: number,
  change: CellValue,
): Cell {
  return { name, interval, bucket, resolutionBucket, change }
}

/** A cell's place in a store. */
type Place = CellPosition & { readonly interval: string }

/** A batch as core makes it, of writes or of replacements: sorted, with the oldest live bucket of every interval. */
export function batchOf<C extends Place>(
  schema: StoreSchema,
  cells: readonly C[],
  oldestLive: OldestLive = {},
): { readonly cells: readonly C[]; readonly oldestLive: OldestLive } {
  const everyInterval = Object.keys(schema.intervals).map(
    // Its own only: an interval may be named `constructor` or `__proto__`.
    (interval) => [interval, Object.hasOwn(oldestLive, interval) ? oldestLive[interval]! : ALWAYS] as const,
  )
  return { cells: [...cells].sort(inBatchOrder), oldestLive: Object.fromEntries(everyInterval) }
}

export async function write(
  { store, schema }: OpenedCells,
  cells: readonly Cell[],
  oldestLive?: OldestLive,
): Promise<void> {
  await store.write(batchOf(schema, cells, oldestLive))
}

function inBatchOrder(a: Place, b: Place): number {
  return (
    byCodeUnits(a.name, b.name) ||
    byCodeUnits(a.interval, b.interval) ||
    a.bucket - b.bucket ||
    a.resolutionBucket - b.resolutionBucket
  )
}

function byCodeUnits(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}

/** Reads, and fails unless the cells are exactly those expected of these names, interval and range. */
export async function expectCells(
  opened: OpenedCells,
  query: CellQuery,
  expected: readonly Cell[],
  what: string,
): Promise<void> {
  const found = await readCells(opened, query)
  const wanted = new Map(expected.map((each) => [keyOf(each), each.change]))
  same(found, wanted, `${what}: read of ${show(query)}`)
}

/** Types whose cells a store returns in one piece. */
const WHOLE: readonly TimeseriesType[] = ['count', 'gauge', 'summary']

/** What a read returns, by cell; the parts of a cell are joined as in core. */
export async function readCells({ store, schema }: OpenedCells, query: CellQuery): Promise<Map<string, CellValue>> {
  const parts = new Map<string, CellValue[]>()
  const { hasResolution } = schema.intervals[query.interval]!
  for (const stored of await store.read(query)) {
    claim(
      query.names.includes(stored.name),
      () => `read of ${show(query)} gave a cell of another name: ${show(stored)}`,
    )
    claim(isInside(query, stored.bucket), () => `read of ${show(query)} gave a cell outside its range: ${show(stored)}`)
    // In an interval without resolution the resolution bucket means nothing.
    const key = keyOf(hasResolution ? stored : { ...stored, resolutionBucket: 0 })
    const before = parts.get(key)
    if (before === undefined) {
      parts.set(key, [plainBytes(stored)])
      continue
    }
    const divisible = !WHOLE.includes(schema.type)
    claim(divisible, () => `read of ${show(query)} gave ${key} twice`)
    before.push(plainBytes(stored))
  }
  return new Map(Array.from(parts, ([key, values]) => [key, kinds[schema.type].join(values)]))
}

function keyOf({ name, bucket, resolutionBucket }: Omit<StoredCell, 'value'>): string {
  return `${bucket}/${resolutionBucket} ${name}`
}

function isInside({ range }: CellQuery, bucket: number): boolean {
  return bucket >= range.first && bucket <= range.last
}

/** A Buffer is a Uint8Array to users, and the same bytes. */
function plainBytes({ value }: StoredCell): CellValue {
  const plain = (scalar: Scalar): Scalar => (scalar instanceof Uint8Array ? new Uint8Array(scalar) : scalar)
  if (Array.isArray(value)) return value.map(plain)
  return value instanceof Uint8Array ? plain(value) : value
}

/** Fails unless `names` gives exactly these, in whatever order. */
export async function expectNames(
  store: CellStore,
  oldestLive: OldestLive,
  expected: readonly string[],
  what: string,
): Promise<void> {
  const [found, wanted] = [new Set(await allNames(store, oldestLive)), new Set(expected)]
  const missing = expected.filter((name) => !found.has(name))
  const wrong = [...found].filter((name) => !wanted.has(name))
  claim(
    missing.length + wrong.length === 0,
    () =>
      `${what}: names(${show(oldestLive)}) leaves out ${show(missing)}, and gives ${show(wrong)} which it should not`,
  )
}
