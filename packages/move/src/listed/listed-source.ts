import type { CallOptions, CellData, CellsOptions, NamesOptions } from '@kairos/core'
import { type CheckedConfig, CONFIG, settingsOf } from '@kairos/core/calls'
import { compareCodePoints } from '@kairos/core/driver'
import { cursorOf, cursorText, isBehind } from '../cells/cursor.ts'
import { type AnyCell, type CellSource, secondsOf } from '../cells/source.ts'

/** A cell of a listing: where its bucket starts, in Unix seconds, and what it holds. */
export interface ListedCell {
  readonly start: number
  readonly value: CellData
}

/** Something that lists its cells by name and interval. Its intervals have no resolution, and keep everything. */
export interface Listing {
  readonly config: CheckedConfig
  /** In any order, each once. */
  names(): Promise<readonly string[]>
  /** In the order of time. */
  cellsOf(name: string, interval: string, signal: AbortSignal | undefined): AsyncIterable<ListedCell>
}

/** A listing, to be read like a timeseries. */
export async function listedSource(listing: Listing): Promise<CellSource> {
  const { config } = listing
  const { intervals } = await settingsOf(config)
  let sorted: Promise<readonly string[]> | undefined
  const allNames = (): Promise<readonly string[]> => {
    sorted ??= listing.names().then((names) => [...names].sort(compareCodePoints))
    return sorted
  }

  async function* names({
    prefix = '',
    after,
  }: NamesOptions & CallOptions = {}): AsyncGenerator<string, void, undefined> {
    for (const name of await allNames())
      if (name.startsWith(prefix) && (after === undefined || compareCodePoints(name, after) > 0)) yield name
  }

  async function* cells(options: CellsOptions<never> = {} as never): AsyncGenerator<AnyCell, void, undefined> {
    const { names: given, prefix = '', intervals: wanted, after, signal } = options as ListedOptions
    const cursor = after === undefined ? undefined : cursorOf(after)
    const all = await allNames()
    const chosen = given === undefined ? all : chosenOf(all, new Set(typeof given === 'string' ? [given] : given))
    const first = secondsOf(options.start) ?? Number.NEGATIVE_INFINITY
    const last = secondsOf(options.end) ?? Number.POSITIVE_INFINITY
    for (const { name: interval, buckets } of intervals) {
      if (wanted?.includes(interval) === false || (cursor !== undefined && interval < cursor.interval)) continue
      for (const name of chosen) {
        if (!name.startsWith(prefix)) continue
        if (cursor?.interval === interval && compareCodePoints(name, cursor.name) < 0) continue
        for await (const { start, value } of listing.cellsOf(name, interval, signal)) {
          const place = { interval, name, start, resolutionStart: null }
          if (buckets.endOf(buckets.bucketOf(start)) <= first || start > last) continue
          if (cursor !== undefined && !isBehind(place, cursor)) continue
          yield { name, interval, start, value: value as AnyCell['value'], expires: null, cursor: cursorText(place) }
        }
        signal?.throwIfAborted()
      }
    }
  }

  return { cells, names, ...{ [CONFIG]: () => config } }
}

/** In their order, found by halving: groups of a few hundred are asked for, of many more. */
function chosenOf(sorted: readonly string[], names: ReadonlySet<string>): readonly string[] {
  return [...names].sort(compareCodePoints).filter((name) => {
    let [from, to] = [0, sorted.length]
    while (from < to) {
      const middle = (from + to) >> 1
      if (compareCodePoints(sorted[middle]!, name) < 0) from = middle + 1
      else to = middle
    }
    return sorted[from] === name
  })
}

interface ListedOptions extends CallOptions {
  readonly names?: string | readonly string[] | ReadonlySet<string> | undefined
  readonly prefix?: string | undefined
  readonly intervals?: readonly string[] | undefined
  readonly after?: string | undefined
}
