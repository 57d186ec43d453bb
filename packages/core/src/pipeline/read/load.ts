import type { BucketRange, CellPosition, CellQuery, CellStore, CellValue, Scalar } from '../../contract/cells.ts'
import { KairosError } from '../../errors.ts'
import { describe } from '../../internal/describe.ts'
import { type Merger, mergeAll, type TypeRules } from '../../types/rules.ts'
import type { Context } from '../context.ts'
import { finestBucketOf } from '../finest.ts'
import { storeCall } from '../store-call.ts'
import { weigherOf } from '../weigh.ts'
import { joinsLater, type ReadPlan } from './plan.ts'

/**
 * The data of a range: rows by resolution bucket, or by bucket in a coarse interval, ascending, and only where there is data. Each key appears
 * once, unless the names are joined later: then once for each name that has data there, in the order of the names.
 * Two lists, not a Map: stores give rows in order, and the later stages walk along them.
 */
export interface Loaded {
  readonly keys: readonly number[]
  readonly rows: readonly unknown[]
}

export const NOTHING: Loaded = { keys: [], rows: [] }

/**
 * What was loaded: of the names together or of each group in their order; and how much the store returned for it, before names were joined and
 * the caller's functions reduced it.
 */
export interface Weighed {
  readonly parts: readonly Loaded[]
  /** In values, of which a long one counts for several. */
  weight(): number
}

/** The first stages of the pipeline: fetch, processRow, joinRows. */
export function load(context: Context, plan: ReadPlan, range: BucketRange): Promise<Weighed> {
  const query: CellQuery = { names: plan.names, interval: plan.interval.name, range }
  return plan.fetch === undefined ? readRows(context, plan, query) : fetchRows(context, plan, query)
}

/** Of each name, in the order of the plan's. */
type RowsOfNames = readonly Loaded[]

async function readRows(context: Context, plan: ReadPlan, query: CellQuery): Promise<Weighed> {
  const { settings } = context
  const { rules } = settings
  const cells = await storeCall(context, plan, 'read', 'read', (store, options) => store.read(query, options))
  const values = fileByName(plan, cells, (cell) => cell.value, rules)
  const process = plan.processRow ?? decoderOf(context)
  return {
    parts: partsOf(plan, rules, process === null ? values : mapRows(values, process)),
    weight() {
      const weigh = weigherOf(settings)
      return cells.reduce((weight, cell) => weight + weigh(cell.value), 0)
    },
  }
}

async function fetchRows(context: Context, plan: ReadPlan, query: CellQuery): Promise<Weighed> {
  let opened: CellStore | undefined
  const cells = await storeCall(context, plan, 'fetch', 'fetch', (store, options) => {
    opened = store
    return store.fetch!(query, plan.fetch, options)
  })
  const { first, last } = query.range
  const names = new Set(plan.names)
  // The caller's read may find more than was requested, and expired buckets must not show.
  const asked = cells.filter(({ name, bucket }) => bucket >= first && bucket <= last && names.has(name))
  const rows = fileByName(plan, asked, (cell) => cell.row, null)
  const decode = decoderOf(context)
  const process =
    plan.processRow ??
    ((row: unknown): unknown => {
      const value = opened!.decodeRow!(row)
      return decode === null ? value : decode(value)
    })
  return {
    parts: partsOf(plan, context.settings.rules, mapRows(rows, process)),
    weight: () => cells.reduce((weight, { row }) => weight + (Array.isArray(row) ? row.length : 1), 0),
  }
}

function partsOf(plan: ReadPlan, rules: TypeRules, names: RowsOfNames): readonly Loaded[] {
  const { groups } = plan
  if (groups === undefined) return [joinRows(plan, rules, names)]
  let next = 0
  return groups.map((group) => {
    const from = next
    next += group.names.length
    return joinRows(plan, rules, names.slice(from, next))
  })
}

/** A cell's value as data; null where they are the same. */
export function decoderOf({ settings }: Context): ((value: unknown) => unknown) | null {
  const { kind, readFunc, rules } = settings
  if (rules.ownData) return (value) => rules.decode(value as CellValue, (scalar) => scalar)
  const decode = kind?.decode
  const each =
    decode === undefined ? readFunc : readFunc === undefined ? decode : (scalar: Scalar) => readFunc(decode(scalar))
  if (each === undefined) return null
  return (value) => rules.decode(value as CellValue, each as (scalar: Scalar) => unknown)
}

/** The cells' rows by name. If a driver returned a cell in several parts, `rules` joins them; a caller's row is always whole. */
function fileByName<C extends CellPosition>(
  plan: ReadPlan,
  cells: readonly C[],
  rowOf: (cell: C) => unknown,
  rules: TypeRules | null,
): RowsOfNames {
  const lists = plan.names.map(() => ({ keys: [] as number[], rows: [] as unknown[] }))
  // A Map for one name would cost as much as a bucket's read.
  const byName = lists.length === 1 ? undefined : new Map(plan.names.map((name, index) => [name, lists[index]!]))
  for (const cell of cells) {
    const filed = byName === undefined ? lists[0]! : byName.get(cell.name)!
    filed.keys.push(finestBucketOf(plan.interval, cell))
    filed.rows.push(rowOf(cell))
  }
  return lists.map((filed) => inOrder(filed, rules))
}

/** The same rows by ascending key, each key once; most stores return them that way. */
function inOrder(filed: Loaded, rules: TypeRules | null): Loaded {
  const { keys, rows } = filed
  if (isAscending(keys)) return filed
  const parts = new Map<number, unknown[]>()
  for (const [index, key] of keys.entries()) addTo(parts, key, rows[index])
  return sorted(parts, (list) => (list.length === 1 ? list[0] : rules === null ? list.at(-1) : mergeAll(rules, list)))
}

/** A plain loop: `every` costs five times as much, a thirtieth of reading a day from SQLite. */
function isAscending(keys: readonly number[]): boolean {
  for (let index = 1; index < keys.length; index++) {
    if (keys[index - 1]! >= keys[index]!) return false
  }
  return true
}

function addTo(lists: Map<number, unknown[]>, key: number, row: unknown): void {
  const list = lists.get(key)
  if (list === undefined) lists.set(key, [row])
  else list.push(row)
}

function sorted(lists: ReadonlyMap<number, readonly unknown[]>, rowOf: (list: readonly unknown[]) => unknown): Loaded {
  const keys = sortedKeys(lists)
  return { keys, rows: keys.map((key) => rowOf(lists.get(key)!)) }
}

function sortedKeys(lists: ReadonlyMap<number, unknown>): number[] {
  return [...lists.keys()].sort((a, b) => a - b)
}

function mapRows(names: RowsOfNames, process: (row: unknown) => unknown): RowsOfNames {
  return names.map(({ keys, rows }) => ({ keys, rows: rows.map((row) => process(row)) }))
}

function joinRows(plan: ReadPlan, rules: TypeRules, names: RowsOfNames): Loaded {
  const join =
    plan.joinRows ?? (names.length > 1 ? (rows: readonly unknown[]) => mergeData(rules, rows, 'joinRows') : undefined)
  if (!plan.joined || join === undefined) return names[0]!
  const byKey = new Map<number, unknown[]>()
  for (const { keys, rows } of names) {
    for (let index = 0; index < keys.length; index++) addTo(byKey, keys[index]!, rows[index])
  }
  return joinsLater(plan) ? unjoined(byKey) : sorted(byKey, join)
}

function unjoined(byKey: ReadonlyMap<number, readonly unknown[]>): Loaded {
  const [keys, rows]: [number[], unknown[]] = [[], []]
  for (const key of sortedKeys(byKey)) {
    const list = byKey.get(key)!
    for (let index = 0; index < list.length; index++) {
      keys.push(key)
      rows.push(list[index])
    }
  }
  return { keys, rows }
}

/**
 * The built-in merging of a type, on data that the caller's functions may have shaped.
 * @throws KAIROS_INVALID_CONFIG where they have made something else of them, KAIROS_INVALID_VALUE for sums that no number holds
 */
export function mergeData(rules: TypeRules, data: readonly unknown[], stage: string): unknown {
  for (const each of data) checkShape(rules, each, stage)
  return mergeAll(rules, data)
}

/** The same, piece by piece. */
export function dataMerger(rules: TypeRules, stage: string): Merger {
  const merger = rules.merger()
  return {
    add(data) {
      checkShape(rules, data, stage)
      merger.add(data)
    },
    result: () => merger.result(),
  }
}

function checkShape(rules: TypeRules, data: unknown, stage: string): void {
  if (rules.holds(data)) return
  throw new KairosError(
    'KAIROS_INVALID_CONFIG',
    `${stage} must be a function for ${describe(data)}, which an earlier stage made and which is not data of this type`,
    { path: stage, value: data },
  )
}
