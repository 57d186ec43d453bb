import { type Discovered, type DiscoveredInterval, memoryDriver } from '@kairos/core'
import { expect, it } from 'vitest'
import { configOfFound, labelsOf } from '../src/stores/found.ts'
import { open } from '../src/stores/opened.ts'
import { chosenOpenings, foundOpenings } from '../src/stores/with-timeseries.ts'

const nothing = { step: undefined, resolution: undefined, zone: undefined, offset: undefined, steps: null }
const interval = (own: Partial<DiscoveredInterval>): DiscoveredInterval => ({ ...nothing, ...own })
const found = (own: Partial<Discovered>): Discovered => ({
  ...{ name: undefined, type: 'count', valueType: undefined, accuracy: undefined, precision: undefined },
  ...{ program: undefined, made: undefined, intervals: { hour: interval({ step: 3600 }) } },
  ...own,
})

it('timeseries are called by their names, with their types where that is not enough', () => {
  const all = [
    found({}),
    found({ name: 'views' }),
    found({ name: 'views', type: 'gauge' }),
    found({ name: 'times', type: 'distribution' }),
  ]
  expect(labelsOf(all)).toEqual(['unnamed:count', 'views:count', 'views:gauge', 'times'])
})

it('timeseries are opened as they are recorded, in the zone that all their days have', () => {
  const day = interval({ step: 'daily', zone: 'Europe/Berlin', offset: 21_600, steps: 30 })
  const intervals = { day, minute: interval({ step: 60 }) }
  expect(configOfFound(found({ name: 'times', type: 'distribution', accuracy: 0.02, intervals }))).toEqual({
    ...{ name: 'times', type: 'distribution', accuracy: 0.02, zone: 'Europe/Berlin' },
    intervals: { minute: { step: 60 }, day: { step: 'daily', zone: 'Europe/Berlin', offset: 21_600, steps: 30 } },
  })
  const both = { ...intervals, week: interval({ step: 'weekly' }) }
  expect(configOfFound(found({ intervals: both }))).toMatchObject({
    zone: undefined,
    intervals: { week: { zone: 'UTC' } },
  })
})

it('what a later version has made is refused by name', async () => {
  const later = [found({ name: 'new', type: undefined, unknown: '{"version":2}' }), found({ name: 'old' })]
  const openings = foundOpenings({ driver: memoryDriver(), found: later, shown: 'here' })
  const [opening] = chosenOpenings(openings, 'new', 'here')
  await expect(open(opening!, async () => {})).rejects.toThrow('new must be opened by the later version of Kairos')
  await expect(open(openings[1]!, async ({ label }) => label)).resolves.toBe('old')
})
