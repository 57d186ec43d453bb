import {
  createYielder,
  type MergedCell,
  type MergeQuery,
  type MergeResult,
  type TimeseriesType,
} from '@kairos/core/driver'
import type { Database } from '../connection/session.ts'
import type { Dialect } from '../dialects/dialect.ts'
import type { Table } from '../dialects/table.ts'
import type { Query, Row } from '../kysely/query.ts'
import { storageOf, toNumber } from '../values/value-columns.ts'
import { boundsOf } from './bounds.ts'
import { groupingOf, groupsIn, startOf, stepsOf } from './merge-groups.ts'
import { type MergeKind, mergeSelect } from './merge-select.ts'
import { createSketchMerger, type MergedInterval } from './merge-sketches.ts'
import { MergedCells } from './merged-cells.ts'

const KINDS: Readonly<Partial<Record<`${TimeseriesType} ${MergeResult}`, MergeKind>>> = {
  'count value': 'sum',
  'histogram value': 'sums',
  'summary value': 'summary',
  'set value': 'values',
  'set size': 'distinct',
  'series size': 'rows',
  'series stats': 'stats',
}

/** A statement with more names takes longer to plan than to run. */
const MOST_NAMES = 5_000
/** With more steps, the range is cut to where there is something. */
const FEW_STEPS = 8
const MOST_STEPS = 5_000
/** With more groups, the expression for them costs more than it saves. */
const MOST_STARTS = 5_000

/** Merges cells in the database: one statement, or several for ranges that would keep it busy for long, whose results are merged here. */
export function createMerger(
  database: Database,
  dialect: Dialect,
  table: Table,
): (query: MergeQuery, interval: MergedInterval) => Promise<MergedCell[] | null> {
  const { type, valueType, value, sketch } = table.layout
  if (sketch !== null) return createSketchMerger(database, dialect, table, sketch)

  /** Null: a sum overflowed, and may yet be finite if it is added in another order. */
  async function rowsOf(statement: Query): Promise<readonly Row[] | null> {
    try {
      return (await database.execute(statement)).rows
    } catch (error) {
      if (error instanceof Error && dialect.hasOverflowed?.(error.cause)) return null
      throw error
    }
  }

  return async (query, { fanOut }) => {
    const { names, groups, result } = query
    const kind = KINDS[`${type} ${result}`]
    if (kind === undefined || (kind === 'summary' && dialect.latest === undefined)) return null
    if (names.length > MOST_NAMES) return null
    if ('starts' in groups && groups.starts.length > MOST_STARTS) return null
    // Their least and greatest are those of core: numbers.
    if (kind === 'stats' && !['double', 'integer'].includes(storageOf[valueType]!)) return null
    const most = Math.max(1, Math.floor(dialect.mostMerged / names.length / fanOut))
    let { range } = query
    if ((range.last - range.first) / most > FEW_STEPS) {
      const bounds = await boundsOf(database, dialect, table, query)
      if (bounds === null) return []
      range = bounds
      if ((range.last - range.first) / most > MOST_STEPS) return null
    }
    const alone = dialect.sortsGroups && isAlone(kind, { ...query, range })
    const { steps, cuts } = stepsOf(groups, range, most, alone)
    // A value on both sides of a cut must count once.
    const asked = kind === 'distinct' && cuts ? 'values' : kind
    const cells = new MergedCells(asked, value?.decode ?? toNumber)
    const turn = createYielder()
    for (const step of steps) {
      const grouping = alone ? null : groupingOf(dialect, groups, step)
      const rows = await rowsOf(mergeSelect(dialect, table, asked, query, step, grouping))
      if (rows === null) return null
      for (const row of rows) {
        if (alone && toNumber(row.times) === 0) continue
        const cell = {
          name: query.split ? dialect.codec.decode(dialect.decodeText(row.name)) : '',
          bucket: grouping === null ? startOf(groups, step.first) : grouping.bucketOf(toNumber(row.grp)),
          resolutionBucket: query.resolution ? toNumber(row.r_time) : 0,
        }
        cells.add(cell, row)
      }
      if (steps.length > 1) await turn()
    }
    return cells.result(kind === 'distinct')
  }
}

/** A group of fewer buckets is sorted faster than it is asked for. */
const LEAST_ALONE = 16
/** With more groups, most could be empty. */
const MOST_ALONE = 512

/** Whether each group is worth a statement of its own: a range of the index is added up without being sorted. */
function isAlone(kind: MergeKind, { groups, range, split, resolution }: MergeQuery): boolean {
  if (split || resolution || !['sum', 'rows', 'stats'].includes(kind)) return false
  const count = groupsIn(groups, range)
  return count <= MOST_ALONE && (range.last - range.first + 1) / count >= LEAST_ALONE
}
