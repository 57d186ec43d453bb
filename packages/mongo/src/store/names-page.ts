import { compareCodePoints, type NamesPage, type NamesQuery } from '@kairos/core/driver'
import type { Requests } from '../connection/requests.ts'
import type { OpenInterval } from '../documents/intervals.ts'
import type { HeadsOnly } from '../documents/layout.ts'
import { holdsLiveCell, liveFrom, partlyLiveFilter } from '../documents/live-cells.ts'
import { nameFilter, nameParts } from '../documents/name-parts.ts'

/** Keys that one request reads: a jump to the next name costs a request, which takes as long as reading this many. */
const LEAST = 128
const MOST = 10_000

/** An interval whose names are asked for. */
export interface AskedInterval extends Pick<OpenInterval, 'key' | 'pack'> {
  /** Its oldest live bucket. */
  readonly oldest: number
}

/**
 * A page of the names that have a live cell. Reads the unique index, which is in the order of names, a run of keys at a time. Each run begins behind the
 * last name of the one before, so a name with many documents costs no more than a run.
 * @param every all recorded intervals are asked for: then the filter needs no interval, and all of its range is wanted
 */
export async function namesPage(
  requests: Requests,
  intervals: readonly AskedInterval[],
  every: boolean,
  more: HeadsOnly,
  { prefix = '', after, limit }: Pick<NamesQuery, 'prefix' | 'after' | 'limit'>,
): Promise<NamesPage> {
  const byKey = new Map(intervals.map((interval) => [interval.key, interval]))
  const end = endOf(prefix)
  const options = { sort: { name: 1 }, projection: { _id: 0, name: 1, interval: 1, i: 1 } }
  const names: string[] = []
  let start: object = after !== undefined && compareCodePoints(after, prefix) >= 0 ? { $gt: after } : { $gte: prefix }
  let size = limit + 1
  for (;;) {
    size = Math.min(MOST, Math.max(LEAST, size))
    const run = new Run(byKey)
    const range = { ...start, ...(end !== null && { $lt: end }) }
    const filter = { name: range, ...(!every && { interval: { $in: [...byKey.keys()] } }), ...more }
    await requests.find(filter, { ...options, limit: size, batchSize: size }, (found) =>
      run.add(found as unknown as Key),
    )
    const full = run.keys === size
    const wanted = limit - names.length
    const live = await liveNames(requests, intervals, more, run, full)
    names.push(...live.slice(0, wanted))
    if (live.length > wanted || (full && names.length === limit)) return { names, next: names.at(-1)! }
    if (!full) return { names }
    start = { $gt: run.last }
    const each = Math.ceil(run.keys / run.states.size)
    size = 2 * each > LEAST ? LEAST : (limit - names.length) * each + 1
  }
}

interface Key {
  readonly name: string
  readonly interval: string
  readonly i: number | bigint
}

/** What is known of a name: that it has a live cell; that it has a document of which some buckets are live; nothing. */
type State = 'live' | 'partly' | 'unknown'

/** Names of keys that follow each other in the index. */
class Run {
  readonly states = new Map<string, State>()
  keys = 0
  last = ''
  readonly #intervals: ReadonlyMap<string, AskedInterval>

  constructor(intervals: ReadonlyMap<string, AskedInterval>) {
    this.#intervals = intervals
  }

  add({ name, interval, i }: Key): void {
    this.keys++
    this.last = name
    const state = this.#stateOf(this.#intervals.get(interval), Number(i))
    const known = this.states.get(name)
    if (known === undefined || (known !== 'live' && state !== 'unknown')) this.states.set(name, state)
  }

  #stateOf(interval: AskedInterval | undefined, i: number): State {
    if (interval === undefined) return 'unknown'
    const { whole, partly } = liveFrom(interval, interval.oldest)
    return i >= whole ? 'live' : i === partly ? 'partly' : 'unknown'
  }
}

/** The names of a run that have a live cell, in its order; of the last name, a run that is full may have left out documents. */
async function liveNames(
  requests: Requests,
  intervals: readonly AskedInterval[],
  more: HeadsOnly,
  { states, last }: Run,
  full: boolean,
): Promise<string[]> {
  const partly = [...states].flatMap(([name, state]) => (state === 'partly' ? [name] : []))
  const live = new Set<string>()
  for (const part of nameParts(partly)) {
    for (const interval of intervals) {
      const filter = partlyLiveFilter(interval, interval.oldest, nameFilter(part))
      if (filter !== null)
        await requests.find(filter, { projection: { name: 1 } }, ({ name }) => live.add(name as string))
    }
  }
  if (full && states.get(last) !== 'live' && !live.has(last)) {
    for (const interval of intervals)
      if (await holdsLiveCell(requests, interval, interval.oldest, last, more)) live.add(last)
  }
  return [...states].flatMap(([name, state]) => (state === 'live' || live.has(name) ? [name] : []))
}

/** The first text behind all that begin with the prefix; null: there is none. */
function endOf(prefix: string): string | null {
  const points = [...prefix]
  for (let point = points.pop(); point !== undefined; point = points.pop()) {
    const next = point.codePointAt(0)! + 1
    // Surrogates are not code points of a text.
    if (next <= 0x10ffff) return points.join('') + String.fromCodePoint(next === 0xd800 ? 0xe000 : next)
  }
  return null
}
