import type { NamesOptions } from '@kairos/core'
import { type Interval, stretchOf } from '@kairos/core/calls'
import { compareCodePoints } from '@kairos/core/driver'
import { cursorOf, isBehind, type SourceCursor } from './cursor.ts'
import type { CellChoice } from './source.ts'

/** What `cells` of a source that is not a timeseries takes. */
export interface SourceCellsOptions extends CellChoice {
  /** Only cells behind the one with this `cursor`. */
  readonly after?: string | undefined
}

/** Which cells are asked for. */
export class Selection {
  /** Each once; undefined: all. */
  readonly names: ReadonlySet<string> | undefined
  readonly #prefix: string
  readonly #intervals: readonly string[] | undefined
  readonly #first: number
  readonly #last: number
  readonly #cursor: SourceCursor | undefined

  /** @throws KAIROS_INVALID_CONFIG, KAIROS_INVALID_VALUE, KAIROS_INVALID_RANGE */
  constructor({ names, prefix = '', intervals, start, end, after }: SourceCellsOptions) {
    const stretch = stretchOf(start, end)
    this.names = names === undefined ? undefined : new Set(typeof names === 'string' ? [names] : names)
    this.#prefix = prefix
    this.#intervals = intervals
    this.#first = stretch.start ?? Number.NEGATIVE_INFINITY
    this.#last = stretch.end ?? Number.POSITIVE_INFINITY
    this.#cursor = after === undefined ? undefined : cursorOf(after)
  }

  /** Whether an interval may have some of the cells. */
  hasInterval(interval: string): boolean {
    return (
      this.#intervals?.includes(interval) !== false && !(this.#cursor !== undefined && interval < this.#cursor.interval)
    )
  }

  /** The first name of an interval that may have some of them; undefined: any. */
  firstName(interval: string): string | undefined {
    return this.#cursor?.interval === interval ? this.#cursor.name : undefined
  }

  /** Whether a name begins as it must. It may still not be among `names`. */
  hasPrefix(name: string): boolean {
    return name.startsWith(this.#prefix)
  }

  /** Whether a cell of such an interval and name is one of them. */
  has(place: SourceCursor, { buckets }: Interval): boolean {
    const isWithin = buckets.endOf(buckets.bucketOf(place.start)) > this.#first && place.start <= this.#last
    return isWithin && (this.#cursor === undefined || isBehind(place, this.#cursor))
  }
}

/** What `names` gives, of all names in the order of their code points. */
export function* selectedNames(sorted: readonly string[], { prefix = '', after }: NamesOptions): Generator<string> {
  for (const name of sorted)
    if (name.startsWith(prefix) && (after === undefined || compareCodePoints(name, after) > 0)) yield name
}
