import { describe } from '../../internal/describe.ts'
import { type Fill, noNumber } from './fill-option.ts'
import type { Answers } from './windows.ts'

/** A bucket that has a result, outside a range. */
export interface Neighbour {
  readonly start: number
  readonly value: unknown
  /** How many buckets without a result lie between it and the range. */
  readonly gap: number
}

type Entry = [start: number, value: unknown]

/** Fills the holes of entries that come in the order of time; a hole is an entry whose value is null. */
export interface Filler {
  /** The entries that are certain now. */
  add(entries: Iterable<Entry>): Iterable<Entry>
  /** The rest, which is known once it is known what follows. */
  end(right: Neighbour | null): Iterable<Entry>
}

export function createFiller({ by, maxGap }: Fill, left: Neighbour | null): Filler {
  if (by === 'linear') return linear(maxGap, left)
  return { add: by === 'previous' ? previous(maxGap, left) : constant(by), end: () => [] }
}

/** The entries of an iteration, which begins and ends with data, with the holes between them filled. */
export function fillAnswers(fill: Fill, answers: Answers): Answers {
  const filler = createFiller(fill, null)
  return {
    *of(window) {
      for (const entries of answers.of(window)) yield filler.add(entries)
    },
    *rest() {
      for (const entries of answers.rest?.() ?? []) yield filler.add(entries)
      yield filler.end(null)
    },
  }
}

function constant(value: number | null | 'none'): Filler['add'] {
  return function* (entries) {
    for (const entry of entries) {
      if (entry[1] !== null) yield entry
      else if (value !== 'none') yield [entry[0], value]
    }
  }
}

function previous(maxGap: number, left: Neighbour | null): Filler['add'] {
  let last: unknown = left?.value ?? null
  let gap = left?.gap ?? 0
  return function* (entries) {
    for (const entry of entries) {
      if (entry[1] !== null) {
        last = entry[1]
        gap = 0
        yield entry
      } else yield [entry[0], ++gap <= maxGap ? last : null]
    }
  }
}

function linear(maxGap: number, before: Neighbour | null): Filler {
  let left: Neighbour | null = before && checked(before)
  let holes: number[] = []

  /** Fills the holes between two results, by time; the gap to the right one counts as well. */
  function* bridge(right: Neighbour | null): Generator<Entry> {
    const fits = left !== null && right !== null && left.gap + holes.length + right.gap <= maxGap
    for (const start of holes) yield [start, fits ? between(left!, right!, start) : null]
    holes = []
  }

  return {
    *add(entries) {
      for (const [start, value] of entries) {
        if (value === null) {
          holes.push(start)
          // Too many already: they need not wait for what follows.
          if ((left?.gap ?? 0) + holes.length > maxGap) {
            yield* bridge(null)
            left = null
          }
          continue
        }
        const found = checked({ start, value, gap: 0 })
        yield* bridge(found)
        left = found
        yield [start, value]
      }
    },
    end: (right) => bridge(right && checked(right)),
  }
}

function checked(neighbour: Neighbour): Neighbour {
  if (typeof neighbour.value === 'number') return neighbour
  throw noNumber(describe(neighbour.value))
}

/** On the straight line between the starts of two buckets; of two equal values exactly that one. */
function between(left: Neighbour, right: Neighbour, start: number): number {
  const [from, to] = [left.value as number, right.value as number]
  if (from === to) return from
  const share = (start - left.start) / (right.start - left.start)
  const difference = to - from
  return Number.isFinite(difference) ? from + difference * share : from * (1 - share) + to * share
}
