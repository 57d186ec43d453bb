import { KairosError } from '@kairos/core'
import { expect, it } from 'vitest'
import { type AnyTimeseries, digest, migrate } from '../src/index.ts'
import { timeseriesOf } from './support/samples.ts'

const ROUNDS = process.env.KAIROS_TEST_SIZE === 'long' ? 1_000 : 25
const DAY = 86_400

const TYPES = [
  { type: 'count' },
  { type: 'summary' },
  { type: 'distribution' },
  ...['histogram', 'set', 'series', 'gauge', 'unique'].map((type) => ({ type, valueType: 'int' })),
]
const STEPS = [60, 300, 900, 1_800, 3_600, 7_200, DAY, 'daily', 'weekly', 'monthly', 'yearly']
const RESOLUTIONS: Readonly<Record<string, readonly (number | string)[]>> = {
  3600: [60, 900],
  [DAY]: [900, 3_600],
  daily: [900, 1_800, 3_600],
  weekly: [3_600, 'daily'],
  monthly: [3_600, 'daily'],
  yearly: ['daily', 'monthly'],
}
const ZONES = [
  'UTC',
  'Europe/Berlin',
  'Asia/Kathmandu',
  'America/Sao_Paulo',
  'Australia/Lord_Howe',
  'Africa/Casablanca',
]

/** A repeatable source of random numbers. */
function randomOf(seed: number): {
  pick<T>(all: readonly T[]): T
  chance(part: number): boolean
  below(end: number): number
} {
  let state = seed
  const next = (): number => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31
    return state / 2 ** 31
  }
  return {
    pick: (all) => all[Math.floor(next() * all.length)]!,
    chance: (part) => next() < part,
    below: (end) => Math.floor(next() * end),
  }
}

it(`gives other buckets what direct writes would have, in ${ROUNDS} random configurations`, async () => {
  let rebuilt = 0
  for (let seed = 1; seed <= ROUNDS; seed++) {
    const { pick, chance, below } = randomOf(seed * 7_919)
    const intervalOf = (): object => {
      const step = pick(STEPS)
      const resolutions = RESOLUTIONS[step]
      return {
        step,
        ...(resolutions !== undefined && chance(0.4) && { resolution: pick(resolutions) }),
        ...(typeof step === 'string' && chance(0.6) && { zone: pick(ZONES) }),
        ...(typeof step === 'string' && chance(0.15) && { offset: pick([900, 21_600]) }),
      }
    }
    const first = Date.UTC(pick([1999, 2010, 2018, 2024]), pick([0, 2, 3, 9, 10]), 20) / 1_000
    const points = Array.from({ length: 60 }, () => first + below(20 * DAY))
      .sort((one, other) => one - other)
      .map((timestamp, value) => ({ name: pick(['m', 'n']), value, timestamp }))
    const type = pick(TYPES)
    const made = (intervals: object): AnyTimeseries => timeseriesOf({ ...type, intervals, now: () => first + 40 * DAY })
    const [from, to] = [{ fine: intervalOf(), other: intervalOf() }, { own: intervalOf() }]
    try {
      const [source, target, direct] = [made(from), made(to), made(to)]
      await Promise.all([source.bulkInsert(points), direct.bulkInsert(points)])
      const { verified, plan } = await migrate(source, target, { verify: true, start: first - 400 * DAY })
      if (plan.intervals[0]!.how === 'rebuilt') rebuilt++
      const digests = [await digest(target), await digest(direct)]
      expect({ seed, type, from, to, equal: verified!.equal, digest: digests[0] }).toMatchObject({
        equal: true,
        digest: digests[1],
      })
    } catch (error) {
      // A resolution that core refuses, or buckets that do not nest.
      if (!KairosError.is(error) || error.code !== 'KAIROS_INVALID_CONFIG') throw error
    }
  }
  expect(rebuilt).toBeGreaterThan(ROUNDS / 5)
})
