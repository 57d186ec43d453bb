import { memoryDriver } from '@kairos/core'
import { expect, it } from 'vitest'
import { type BenchEvent, benchDriver } from '../src/index.ts'

const titles = [
  'writing events into counts of three intervals',
  'single inserts, one after another',
  'reading 1,440 buckets',
  'listing 50 names',
]

it('gives the figures of a driver, and none of what was not written by hand', async () => {
  const figures = await benchDriver({ create: () => memoryDriver(), rounds: 2, events: 2_000 })
  expect(figures.map(({ title }) => title)).toEqual(titles)
  for (const { perSecond, speed } of figures) {
    expect(perSecond).toBeGreaterThan(0)
    expect(speed).toBeNull()
  }
})

it('holds them against work by hand, which is given the same to do', async () => {
  const counts = new Map<string, number>()
  const count = ({ name, timestamp }: BenchEvent) => {
    for (const step of [60, 3600, 86_400]) {
      const key = `${name} ${step} ${Math.floor(timestamp / step)}`
      counts.set(key, (counts.get(key) ?? 0) + 1)
    }
  }
  const seen = new Set<string>()
  const byHand = {
    prepare: async () => counts.clear(),
    bulk: async (events: readonly BenchEvent[]) => events.forEach(count),
    insert: async (event: BenchEvent) => count(event),
    async read(name: string, first: number, last: number) {
      seen.add(`${name}: ${(last - first) / 60 + 1} minutes`)
      const minutes = Array.from({ length: (last - first) / 60 + 1 }, (_, index) => first / 60 + index)
      return minutes.map((minute) => counts.get(`${name} 60 ${minute}`) ?? 0)
    },
    names: async () => [...new Set([...counts.keys()].map((key) => key.split(' ')[0]))],
  }
  const figures = await benchDriver({ create: () => memoryDriver(), byHand, rounds: 2, events: 2_000 })
  expect(seen).toEqual(new Set(['series-0: 1440 minutes']))
  for (const { speed } of figures) expect(speed).toBeGreaterThan(0)
})
