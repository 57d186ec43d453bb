import type { BucketRange } from '../../contract/cells.ts'
import { withJson } from '../../internal/json.ts'
import type { Spans } from '../../time/calculator.ts'
import type { Merger } from '../../types/rules.ts'
import type { Context } from '../context.ts'
import { finestOf } from '../finest.ts'
import { dataMerger, type Loaded, mergeData, NOTHING } from './load.ts'
import { joinsLater, type ReadPlan, type RowsStage } from './plan.ts'

/** The later stages of the pipeline for one read: condense, collapse, transform. */
export interface Shaper {
  /** One entry for each bucket of the range: its data, condensed, or the type's empty value; null if holes are filled later. */
  flat(loaded: Loaded, range: BucketRange): Map<number, unknown>
  /** The resolution buckets that have data. */
  byResolution(loaded: Loaded): Map<number, unknown>
  /** Builds the result of `series` from parts that are loaded one after the other, in the order of time. */
  gather(range: BucketRange): Gatherer
}

/** Collects the parts of a range, and keeps no more of them than the result needs. */
export interface Gatherer {
  add(loaded: Loaded): void
  /** How many rows it holds. */
  size(): number
  result(): Map<number, unknown>
}

export function createShaper({ settings }: Context, plan: ReadPlan): Shaper {
  const rules = settings.rules
  const { interval, transform, condense, fill } = plan
  const { buckets, resolution } = interval

  /** The condensed data of each bucket that has any, ascending. */
  function condensed(loaded: Loaded): Loaded {
    if (resolution === null) {
      if (typeof condense !== 'function') return loaded
      const { keys, rows } = loaded
      return { keys, rows: keys.map((bucket, index) => condense(new Map([[buckets.startOf(bucket), rows[index]]]))) }
    }
    const groups = grouped(loaded)
    return { keys: [...groups.keys()], rows: Array.from(groups.values(), (group) => condensedGroup(group)) }
  }

  function condensedGroup(group: Loaded): unknown {
    return typeof condense === 'function' ? condense(startsOf(resolution!, group)) : merged(group, 'condense')
  }

  function merged({ rows }: Loaded, stage: string): unknown {
    return mergeData(rules, rows, joinsLater(plan) ? 'joinRows' : stage)
  }

  /** The resolution buckets of each bucket that has data, in the order of time. */
  function grouped({ keys, rows }: Loaded): Map<number, Loaded> {
    const groups = new Map<number, { keys: number[]; rows: unknown[] }>()
    let group: { keys: number[]; rows: unknown[] } = { keys: [], rows: [] }
    let end = Number.NEGATIVE_INFINITY
    for (let index = 0; index < keys.length; index++) {
      const key = keys[index]!
      const start = resolution!.startOf(key)
      // Only at an edge: a calendar's arithmetic costs as much as all the rest.
      if (start >= end) {
        const bucket = buckets.bucketOf(start)
        end = buckets.endOf(bucket)
        group = { keys: [], rows: [] }
        groups.set(bucket, group)
      }
      group.keys.push(key)
      group.rows.push(rows[index])
    }
    return groups
  }

  /** One entry for each bucket of the range, from rows by bucket. */
  function flat({ keys, rows }: Loaded, range: BucketRange): Map<number, unknown> {
    const result = new Map<number, unknown>()
    // A part of the range may begin after the first rows.
    let next = keys.findIndex((key) => key >= range.first)
    // Counted through: a list of the buckets would cost as much as the result.
    const last = buckets.ordinalOf(range.last)
    for (let ordinal = buckets.ordinalOf(range.first); ordinal <= last; ordinal++) {
      const bucket = buckets.bucketAt(ordinal)
      const start = buckets.startOf(bucket)
      if (fill !== undefined && keys[next] !== bucket) {
        result.set(start, null)
        continue
      }
      const value = keys[next] === bucket ? rows[next++] : rules.empty()
      // `isDone` is for speed: most data is numbers, which need no more work.
      result.set(start, isDone(value) ? value : finish(value, buckets, bucket, start))
    }
    return withJson(result)
  }

  /** For each bucket of the range, a map of its resolution buckets that have data. */
  function nested(loaded: Loaded, range: BucketRange): Map<number, Map<number, unknown>> {
    const groups = grouped(loaded)
    const result = new Map<number, Map<number, unknown>>()
    const last = buckets.ordinalOf(range.last)
    for (let ordinal = buckets.ordinalOf(range.first); ordinal <= last; ordinal++) {
      const bucket = buckets.bucketAt(ordinal)
      result.set(buckets.startOf(bucket), byResolution(groups.get(bucket) ?? NOTHING))
    }
    return withJson(result)
  }

  /** One entry for the whole range. */
  function collapsed(data: unknown, { first, last }: BucketRange): Map<number, unknown> {
    const start = buckets.startOf(first)
    return withJson(new Map([[start, finish(data, buckets, last, start)]]))
  }

  /** Keeps what `take` makes of each part, and gives all of it to `result`. */
  function listing(take: (loaded: Loaded) => Loaded, result: (all: Loaded) => Map<number, unknown>): Gatherer {
    const parts: Loaded[] = []
    let size = 0
    return {
      add(loaded) {
        const part = take(loaded)
        parts.push(part)
        size += part.keys.length
      },
      size: () => size,
      result: () => result(joined(parts)),
    }
  }

  /** Merges the parts as they arrive. */
  function merging(range: BucketRange): Gatherer {
    let merger: Merger | undefined
    return {
      add({ rows }) {
        for (const row of rows) {
          merger ??= dataMerger(rules, joinsLater(plan) ? 'joinRows' : 'collapse')
          merger.add(row)
        }
      },
      size: () => 1,
      result: () => collapsed(merger === undefined ? rules.empty() : merger.result(), range),
    }
  }

  function gather(range: BucketRange): Gatherer {
    const { collapse } = plan
    if (collapse === undefined) {
      return isNested(plan)
        ? listing(asItIs, (all) => nested(all, range))
        : listing(condensed, (all) => flat(all, range))
    }
    if (collapse === true && typeof condense !== 'function') return merging(range)
    const [take, calculator, stage] =
      collapse === true
        ? ([asItIs, finestOf(interval), condense as RowsStage] as const)
        : ([condensed, buckets, collapse] as const)
    return listing(take, (all) =>
      collapsed(all.keys.length === 0 ? rules.empty() : stage(startsOf(calculator, all)), range),
    )
  }

  return { flat: (loaded, range) => flat(condensed(loaded), range), byResolution, gather }

  /** The last stage, of data from `start` to the end of `last`. */
  function finish(data: unknown, spans: Spans, last: number, start: number): unknown {
    return withJson(transform === undefined ? data : transform(data, spans.endOf(last) - start))
  }

  function isDone(data: unknown): boolean {
    return transform === undefined && typeof data !== 'object'
  }

  function byResolution({ keys, rows }: Loaded): Map<number, unknown> {
    const result = new Map<number, unknown>()
    for (let index = 0; index < keys.length; index++) {
      const key = keys[index]!
      const start = resolution!.startOf(key)
      const data = rows[index]
      result.set(start, isDone(data) ? data : finish(data, resolution!, key, start))
    }
    return withJson(result)
  }
}

/** Neither coarse nor condensed: the resolution buckets show. */
export function isNested(plan: ReadPlan): boolean {
  return plan.interval.resolution !== null && plan.condense === undefined
}

/** There is nearly always one part, which may be long. */
function joined(parts: readonly Loaded[]): Loaded {
  return parts.length === 1
    ? parts[0]!
    : { keys: parts.flatMap(({ keys }) => keys), rows: parts.flatMap(({ rows }) => rows) }
}

function asItIs(loaded: Loaded): Loaded {
  return loaded
}

/** Rows by the starts of their buckets. */
function startsOf(spans: Spans, { keys, rows }: Loaded): Map<number, unknown> {
  return new Map(keys.map((key, index) => [spans.startOf(key), rows[index]]))
}
