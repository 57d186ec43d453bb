import type { BucketRange, CallOptions, CellPosition, CellQuery, CellStore, CellValue, Scalar } from '../contract.ts'
import { KairosError } from '../errors.ts'
import { describe } from '../internal/describe.ts'
import { types } from '../types/index.ts'
import type { TypeRules } from '../types/rules.ts'
import type { Context } from './context.ts'
import type { ReadPlan } from './plan.ts'
import { callStore } from './retry.ts'

/** What a range holds, joined: by resolution bucket, or by bucket in a coarse interval; in no order, and only where there are data. */
export type Loaded = ReadonlyMap<number, unknown>

/** The first stages of the pipeline: fetch, processRow, joinRows. */
export async function load(context: Context, plan: ReadPlan, range: BucketRange): Promise<Loaded> {
  const store = context.opened ?? (await context.open(plan.signal))
  const query: CellQuery = { names: plan.names, interval: plan.interval.name, range }
  const options: CallOptions = {
    ...(plan.signal && { signal: plan.signal }),
    ...(plan.driverOptions && { driverOptions: plan.driverOptions }),
  }
  const rows =
    plan.fetch === undefined
      ? await readRows(context, plan, store, query, options)
      : await fetchRows(context, plan, store, query, options)
  return joinRows(plan, types[context.settings.type], rows)
}

/** The data of each name, as `load` files them. */
type RowsOfNames = ReadonlyMap<string, ReadonlyMap<number, unknown>>

async function readRows(
  context: Context,
  plan: ReadPlan,
  store: CellStore,
  query: CellQuery,
  options: CallOptions,
): Promise<RowsOfNames> {
  const { driver, settings } = context
  const rules = types[settings.type]
  const cells = await callStore(driver.id, 'read', () => store.read(query, options), plan.signal)
  const values = fileByName(plan, cells, (cell) => cell.value, rules)
  const process = plan.processRow ?? decoderOf(context)
  return process === null ? values : mapRows(values, process)
}

async function fetchRows(
  context: Context,
  plan: ReadPlan,
  store: CellStore,
  query: CellQuery,
  options: CallOptions,
): Promise<RowsOfNames> {
  const { driver } = context
  const cells = await callStore(driver.id, 'fetch', () => store.fetch!(query, plan.fetch, options), plan.signal)
  const { first, last } = query.range
  // The caller's own read may find more than it was asked for, and expired buckets must not show.
  const asked = cells.filter(({ name, bucket }) => bucket >= first && bucket <= last && plan.names.includes(name))
  const rows = fileByName(plan, asked, (cell) => cell.row, null)
  const decode = decoderOf(context)
  const process =
    plan.processRow ??
    ((row: unknown): unknown => {
      const value = store.decodeRow!(row)
      return decode === null ? value : decode(value)
    })
  return mapRows(rows, process)
}

/** A cell's value as data; null where they are the same. */
function decoderOf({ settings }: Context): ((value: unknown) => unknown) | null {
  const { kind, readFunc, type } = settings
  const decode = kind?.decode
  const each =
    decode === undefined ? readFunc : readFunc === undefined ? decode : (scalar: Scalar) => readFunc(decode(scalar))
  if (each === undefined) return null
  return (value) => types[type].decode(value as CellValue, each as (scalar: Scalar) => unknown)
}

/** The cells' rows by name. Where a driver gave a cell in several parts, `rules` join them, once; a row of the caller's comes whole. */
function fileByName<C extends CellPosition>(
  plan: ReadPlan,
  cells: readonly C[],
  rowOf: (cell: C) => unknown,
  rules: TypeRules | null,
): RowsOfNames {
  const coarse = plan.interval.resolution === null
  const names = new Map<string, Map<number, unknown>>(plan.names.map((name) => [name, new Map()]))
  const only = plan.names.length === 1 ? names.get(plan.names[0]!)! : undefined
  const split = new Map<Map<number, unknown>, Map<number, unknown[]>>()
  for (const cell of cells) {
    const rows = only ?? names.get(cell.name)!
    const key = coarse ? cell.bucket : cell.resolutionBucket
    const row = rowOf(cell)
    if (rules !== null && rows.has(key)) partsAt(split, rows, key).push(row)
    else rows.set(key, row)
  }
  for (const [rows, keys] of split) for (const [key, parts] of keys) rows.set(key, rules!.merge(parts))
  return names
}

/** The parts found so far of a cell that has more than one. */
function partsAt(
  split: Map<Map<number, unknown>, Map<number, unknown[]>>,
  rows: Map<number, unknown>,
  key: number,
): unknown[] {
  let keys = split.get(rows)
  if (keys === undefined) {
    keys = new Map()
    split.set(rows, keys)
  }
  let parts = keys.get(key)
  if (parts === undefined) {
    parts = [rows.get(key)]
    keys.set(key, parts)
  }
  return parts
}

function mapRows(names: RowsOfNames, process: (row: unknown) => unknown): RowsOfNames {
  return new Map(
    Array.from(names, ([name, rows]) => [name, new Map(Array.from(rows, ([key, row]) => [key, process(row)]))]),
  )
}

function joinRows(plan: ReadPlan, rules: TypeRules, names: RowsOfNames): Loaded {
  const join =
    plan.joinRows ??
    (plan.names.length > 1 ? (rows: readonly unknown[]) => mergeData(rules, rows, 'joinRows') : undefined)
  if (!plan.joined || join === undefined) return names.get(plan.names[0]!)!
  const byKey = new Map<number, unknown[]>()
  for (const rows of names.values()) {
    for (const [key, row] of rows) {
      const list = byKey.get(key)
      if (list === undefined) byKey.set(key, [row])
      else list.push(row)
    }
  }
  return new Map(Array.from(byKey, ([key, rows]) => [key, join(rows)]))
}

/**
 * The built-in merging of a type, of data that functions of the caller may have shaped.
 * @throws KAIROS_INVALID_CONFIG where they have made something else of them
 */
export function mergeData(rules: TypeRules, data: readonly unknown[], stage: string): unknown {
  const other = data.find((each) => !rules.holds(each))
  if (other === undefined) return rules.merge(data)
  throw new KairosError(
    'KAIROS_INVALID_CONFIG',
    `${describe(other)} is no longer data of this type, so it takes a ${stage} function of your own`,
    {
      path: stage,
      value: other,
    },
  )
}
