/** The intervals that benchmarks share. None expires, since the events are of a moment that does not change. */
export const intervals = {
  minute: { step: 60 },
  hour: { step: 3600 },
  day: { step: 'daily' },
} as const

/** A point as the libraries' users have it. */
export interface Event {
  readonly name: string
  readonly value: number
  readonly timestamp: number
}

export const FIRST_MOMENT = 1_700_000_000

/**
 * Events of `names` series over six hours, in the order of time with a little disorder, as they come out of a log; the same ones in each
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
function generator(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  }
}
