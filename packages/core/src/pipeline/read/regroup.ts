import type { Settings } from '../../settings.ts'
import type { Merger } from '../../types/rules.ts'
import { finestOf } from '../finest.ts'
import { dataMerger, type Loaded, mergeData } from './load.ts'
import { joinsLater, type ReadPlan } from './plan.ts'

/** Merges the rows of finest buckets into those of the buckets asked for, as they arrive in the order of time. */
export interface Regrouper {
  /** What is complete now; its keys are where the buckets begin. */
  add(loaded: Loaded): Loaded
  /** The last one, which only the end of the data completes. */
  end(): Loaded
}

/** A bucket to which more may come. */
interface Open {
  readonly start: number
  /** The first key that lies behind it. */
  readonly limit: number
  readonly keys: number[]
  readonly rows: unknown[]
  /** Of a bucket that spans several windows: has taken the rows, where they need not be kept. */
  merger?: Merger
}

/** Where the buckets begin and end that the rows are merged into. */
export interface Groups {
  /** Rows before it are left out: a stored bucket may begin before the range. */
  readonly from: number
  /** And those from here on. */
  readonly until: number
  startOf(seconds: number): number
  endOf(seconds: number): number
}

/** No finest bucket may lie in two groups. */
export function createRegrouper({ rules }: Settings, plan: ReadPlan, groups: Groups): Regrouper {
  const finest = finestOf(plan.interval)
  const { condense } = plan
  const stage = joinsLater(plan) ? 'joinRows' : 'condense'
  let open: Open | undefined

  function dataOf({ keys, rows, merger }: Open): unknown {
    // The store has merged them.
    if (condense === undefined) return rows[0]
    if (typeof condense === 'function') return condense(new Map(keys.map((key, at) => [finest.startOf(key), rows[at]])))
    return merger === undefined ? mergeData(rules, rows, stage) : merger.result()
  }

  /** Adds to a bucket that came with an earlier window, too. */
  function addLater(group: Open, keys: readonly number[], rows: readonly unknown[]): void {
    if (condense !== true) {
      for (const key of keys) group.keys.push(key)
      for (const row of rows) group.rows.push(row)
      return
    }
    if (group.merger === undefined) {
      group.merger = dataMerger(rules, stage)
      for (const row of group.rows.splice(0)) group.merger.add(row)
    }
    for (const row of rows) group.merger.add(row)
  }

  function openAt(key: number): Open | null {
    const start = finest.startOf(key)
    if (start < groups.from || start >= groups.until) return null
    return { start: groups.startOf(start), limit: finest.bucketOf(groups.endOf(start)), keys: [], rows: [] }
  }

  return {
    add({ keys, rows }) {
      const [starts, data]: [number[], unknown[]] = [[], []]
      for (let index = 0; index < keys.length; ) {
        if (open !== undefined && keys[index]! >= open.limit) {
          starts.push(open.start)
          data.push(dataOf(open))
          open = undefined
        }
        const isNew = open === undefined
        const group: Open | null = open ?? openAt(keys[index]!)
        if (group === null) {
          index++
          continue
        }
        let next = index + 1
        while (next < keys.length && keys[next]! < group.limit) next++
        const [some, theirs] = [keys.slice(index, next), rows.slice(index, next)]
        if (isNew) open = { ...group, keys: some, rows: theirs }
        else addLater(group, some, theirs)
        index = next
      }
      return { keys: starts, rows: data }
    },
    end() {
      const last = open
      open = undefined
      return last === undefined ? { keys: [], rows: [] } : { keys: [last.start], rows: [dataOf(last)] }
    },
  }
}
