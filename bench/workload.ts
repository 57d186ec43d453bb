/** The intervals that benchmarks share. None expires, since the times of the events are fixed. */
export const intervals = {
  minute: { step: 60 },
  hour: { step: 3600 },
  day: { step: 'daily' },
} as const

/** A point as a user of the library would write it. */
export interface Event {
  readonly name: string
  readonly value: number
  readonly timestamp: number
}

export const FIRST_MOMENT = 1_700_000_000

/**
 * Events of `names` series over six hours, ordered by time with a little disorder, as in a log; the same in each
 * process.
 */
export function events(amount: number, names = 50): Event[] {
  const random = generator(42)
  const span = 6 * 3600
  return Array.from({ length: amount }, (_, index) => ({
    name: `series-${Math.floor(random() * names)}`,
    value: 1 + Math.floor(random() * 3),
    timestamp: FIRST_MOMENT + Math.floor((index / amount) * span + random() * 30),
  }))
}

/** Source: Park and Miller, "Random number generators: good ones are hard to find", 1988. */
export function generator(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  }
}
