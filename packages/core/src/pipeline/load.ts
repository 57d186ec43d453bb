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
  const values = fileByName(plan, cells, (cell, part: CellValue | undefined) =>
    // Both hold their part of a cell, so both are data of the same shape.
    part === undefined ? cell.value : (rules.merge([part, cell.value]) as CellValue),
  )
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
  const rows = fileByName(plan, cells, (cell) => cell.row)
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

function fileByName<C extends CellPosition, R>(
  plan: ReadPlan,
  cells: readonly C[],
  rowOf: (cell: C, part: R | undefined) => R,
): Map<string, Map<number, R>> {
  const coarse = plan.interval.resolution === null
  const names = new Map<string, Map<number, R>>(plan.names.map((name) => [name, new Map()]))
  const only = plan.names.length === 1 ? names.get(plan.names[0]!)! : undefined
  for (const cell of cells) {
    const rows = only ?? names.get(cell.name)!
    const key = coarse ? cell.bucket : cell.resolutionBucket
    rows.set(key, rowOf(cell, rows.get(key)))
  }
  return names
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
