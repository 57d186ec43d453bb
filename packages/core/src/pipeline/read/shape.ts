import type { BucketRange } from '../../contract/cells.ts'
import { withJson } from '../../internal/json.ts'
import { type Calculator, endOf } from '../../time/calculator.ts'
import { types } from '../../types/index.ts'
import type { Context } from '../context.ts'
import { type Loaded, mergeData, NOTHING } from './load.ts'
import type { ReadPlan } from './plan.ts'

/** The later stages of the pipeline for one read: condense, collapse, transform. */
export interface Shaper {
  /** One entry for each interval of the range, with its data condensed, or the type's empty value. */
  flat(loaded: Loaded, range: BucketRange): Map<number, unknown>
  /** For each interval of the range a map of the resolution buckets that have data. */
  nested(loaded: Loaded, range: BucketRange): Map<number, Map<number, unknown>>
  /** The resolution buckets that have data. */
  fine(loaded: Loaded): Map<number, unknown>
  /** One entry for the whole range. */
  collapsed(loaded: Loaded, range: BucketRange): Map<number, unknown>
}

export function createShaper({ settings }: Context, plan: ReadPlan): Shaper {
  const rules = types[settings.type]
  const { interval, transform, condense } = plan
  const { buckets, resolution } = interval

  /** The data of each interval that has any, condensed: by bucket, ascending. */
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
    return mergeData(rules, rows, plan.joinLater ? 'joinRows' : stage)
  }

  /** What each interval that has data holds, in the order of time. */
  function grouped({ keys, rows }: Loaded): Map<number, Loaded> {
    const groups = new Map<number, { keys: number[]; rows: unknown[] }>()
    for (const [index, key] of keys.entries()) {
      const bucket = buckets.bucketOf(resolution!.startOf(key))
      let group = groups.get(bucket)
      if (group === undefined) {
        group = { keys: [], rows: [] }
        groups.set(bucket, group)
      }
      group.keys.push(key)
      group.rows.push(rows[index])
    }
    return groups
  }

  /** One piece of data of all that was loaded, which is something. */
  function collapsedData(loaded: Loaded): unknown {
    if (typeof plan.collapse === 'function') return plan.collapse(startsOf(buckets, condensed(loaded)))
    return typeof condense === 'function'
      ? condense(startsOf(resolution ?? buckets, loaded))
      : merged(loaded, 'collapse')
  }

  return {
    flat(loaded, range) {
      const { keys, rows } = condensed(loaded)
      const result = new Map<number, unknown>()
      // A part of the range may begin after the first rows.
      let next = keys.findIndex((key) => key >= range.first)
      // Counted through: a list of the buckets would cost as much as the answer.
      const last = buckets.ordinalOf(range.last)
      for (let ordinal = buckets.ordinalOf(range.first); ordinal <= last; ordinal++) {
        const bucket = buckets.bucketAt(ordinal)
        const start = buckets.startOf(bucket)
        const value = keys[next] === bucket ? rows[next++] : rules.empty()
        result.set(start, finish(value, buckets, bucket, start))
      }
      return withJson(result)
    },
    nested(loaded, range) {
      const groups = grouped(loaded)
      const result = new Map<number, Map<number, unknown>>()
      const last = buckets.ordinalOf(range.last)
      for (let ordinal = buckets.ordinalOf(range.first); ordinal <= last; ordinal++) {
        const bucket = buckets.bucketAt(ordinal)
        const group = groups.get(bucket)
        result.set(buckets.startOf(bucket), finishFine(group ?? NOTHING))
      }
      return withJson(result)
    },
    fine(loaded) {
      return finishFine(loaded)
    },
    collapsed(loaded, range) {
      const data = loaded.keys.length === 0 ? rules.empty() : collapsedData(loaded)
      const start = buckets.startOf(range.first)
      return withJson(new Map([[start, finish(data, buckets, range.last, start)]]))
    },
  }

  /** The last stage, of data from `start` to the end of `last`. */
  function finish(data: unknown, calculator: Calculator, last: number, start: number): unknown {
    return withJson(transform === undefined ? data : transform(data, endOf(calculator, last) - start))
  }

  function finishFine({ keys, rows }: Loaded): Map<number, unknown> {
    const result = new Map<number, unknown>()
    for (const [index, key] of keys.entries()) {
      const start = resolution!.startOf(key)
      result.set(start, finish(rows[index], resolution!, key, start))
    }
    return withJson(result)
  }
}

/** Rows by the starts of their buckets. */
function startsOf(calculator: Calculator, { keys, rows }: Loaded): Map<number, unknown> {
  return new Map(keys.map((key, index) => [calculator.startOf(key), rows[index]]))
}
