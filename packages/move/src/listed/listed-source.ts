import type { CallOptions, CellData, NamesOptions } from '@kairos/core'
import { type CheckedConfig, CONFIG, settingsOf } from '@kairos/core/calls'
import { compareCodePoints, once } from '@kairos/core/driver'
import { cursorText } from '../cells/cursor.ts'
import { Selection, type SourceCellsOptions, selectedNames } from '../cells/selection.ts'
import type { AnyCell } from '../cells/source.ts'
import type { Losses } from './losses.ts'
import type { ForeignSource } from './types.ts'

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
  /** What it could not give. */
  readonly losses: Losses
  close?(): Promise<void>
}

/** A listing, to be read like a timeseries. */
export async function listedSource(listing: Listing): Promise<ForeignSource> {
  const { config, losses } = listing
  const { intervals } = await settingsOf(config)
  const sortedNames = once(async () => [...(await listing.names())].sort(compareCodePoints))

  async function* names(options: NamesOptions & CallOptions = {}): AsyncGenerator<string, void, undefined> {
    yield* selectedNames(await sortedNames(), options)
  }

  async function* cells(options: SourceCellsOptions = {}): AsyncGenerator<AnyCell, void, undefined> {
    const { signal } = options
    const selection = new Selection(options)
    const all = await sortedNames()
    const chosen = selection.names === undefined ? all : chosenOf(all, selection.names)
    for (const interval of intervals) {
      if (!selection.hasInterval(interval.name)) continue
      const from = selection.firstName(interval.name)
      for (const name of chosen) {
        if (!selection.hasPrefix(name) || (from !== undefined && compareCodePoints(name, from) < 0)) continue
        for await (const { start, value } of listing.cellsOf(name, interval.name, signal)) {
          const place = { interval: interval.name, name, start, resolutionStart: null }
          if (!selection.has(place, interval)) continue
          const cursor = cursorText(place)
          yield { name, interval: interval.name, start, value: value as AnyCell['value'], expires: null, cursor }
        }
        signal?.throwIfAborted()
      }
    }
  }

  const source = {
    cells,
    names,
    report: () => losses.report,
    close: async () => listing.close?.(),
    [CONFIG]: () => config,
  }
  return source
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
