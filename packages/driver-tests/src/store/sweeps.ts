import { setImmediate } from 'node:timers/promises'
import { type DriverTest, ofTypes } from '../driver-test.ts'
import { createAnyTimeseries } from '../internal/any-timeseries.ts'
import { kinds } from '../internal/kinds.ts'
import { claim, same } from '../internal/same.ts'
import { NOW, placeOf } from '../test-context.ts'
import { ALWAYS, cell, readCells, write } from './cells.ts'

const INTERVALS = { 'swept minute': { step: 60, steps: 100 }, 'swept hour': { step: 3600, resolution: 60, steps: 100 } }
const NOW_MINUTE = Math.floor(NOW / 60)
const NAMES = Array.from({ length: 10 }, (_, index) => `swept together ${index}`)
const EXPIRED = { short: 3_000, long: 30_000 } as const
const GIVEN_UP = { short: 1_500, long: 30_000 } as const

/** Concurrent sweeps, and sweeps that are aborted. */
export function sweepTests(size: 'short' | 'long'): DriverTest[] {
  return ofTypes(['count', 'series'], (type) => [
    besideWriters(type, EXPIRED[size]),
    givenUp(type, GIVEN_UP[size]),
    byItself(type),
  ]).map((test) => ({
    ...test,
    async skip(context) {
      const { expiry } = await context.capabilities()
      const [type] = test.types!
      return expiry[type!] === 'sweep' ? null : `capabilities.expiry.${type} is '${expiry[type!]}'`
    },
  }))
}

/** This many expired cells, evenly spread over ten names. */
function expiredCells(type: 'count' | 'series', count: number) {
  const { change } = kinds[type]
  return Array.from({ length: count }, (_, index) =>
    cell(NAMES[index % NAMES.length]!, 'swept minute', 1_000 + Math.floor(index / NAMES.length), 0, change(index)),
  )
}

function besideWriters(type: string, expired: number): DriverTest {
  const kind = type as 'count' | 'series'
  return {
    title: `expiry: ${type}: two sweeps at once, while others write, return together how many cells they deleted`,
    async run(context) {
      const config = { type: kind, intervals: INTERVALS }
      const opened = await context.cells(config)
      const { timeseries: first } = await context.emptied(config)
      const { timeseries: second } = await context.timeseries(config, 1)
      for (let from = 0; from < expired; from += 10_000)
        await write(opened, expiredCells(kind, expired).slice(from, from + 10_000))
      let sweeping = true
      let written = 0
      const keepWriting = async (): Promise<void> => {
        while (sweeping) {
          await second.insert(NAMES[written++ % NAMES.length]!, 1, { timestamp: NOW })
          await setImmediate()
        }
      }
      const writing = [keepWriting(), keepWriting()]
      const swept = await Promise.all([first.expire(), second.expire()]).finally(() => {
        sweeping = false
      })
      await Promise.all(writing)
      same(swept[0] + swept[1], expired, `cells deleted by two, of ${expired} that had expired`)
      const query = { names: NAMES, interval: 'swept minute', range: { first: 0, last: NOW_MINUTE - 1 } }
      same((await readCells(opened, query)).size, 0, 'expired cells that are left')
      const live = await readCells(opened, { ...query, range: { first: NOW_MINUTE, last: NOW_MINUTE } })
      const found = [...live.values()].reduce<number>(
        (sum, value) => sum + (Array.isArray(value) ? value.length : (value as number)),
        0,
      )
      same(found, written, 'what was written beside the sweep')
      await first.deleteAll()
    },
  }
}

/** The longest wait for what a timeseries does by itself, in milliseconds. */
const DEADLINE = 30_000

function byItself(type: string): DriverTest {
  const kind = type as 'count' | 'series'
  return {
    title: `expiry: ${type}: a timeseries sweeps by itself, beside its writes`,
    async run(context) {
      const config = { type: kind, intervals: INTERVALS }
      const opened = await context.cells(config)
      await opened.store.delete(null)
      await write(opened, expiredCells(kind, 40))
      const driver = await context.driver(placeOf(config))
      const timeseries = createAnyTimeseries(driver, { ...config, now: () => NOW, sweep: true })
      const query = { names: NAMES, interval: 'swept minute', range: { first: ALWAYS, last: NOW_MINUTE - 1 } }
      const deadline = performance.now() + DEADLINE
      let written = 0
      let left = 40
      while (left > 0 && performance.now() < deadline) {
        await timeseries.insert(NAMES[0]!, 1, { timestamp: NOW })
        written++
        // A store in memory answers in the same turn, in which nothing is swept.
        await setImmediate()
        left = (await readCells(opened, query)).size
      }
      await timeseries.close()
      same(left, 0, `expired cells that are left after ${DEADLINE / 1_000} s`)
      const live = await readCells(opened, { ...query, range: { first: NOW_MINUTE, last: NOW_MINUTE } })
      const [value] = live.values()
      same(Array.isArray(value) ? value.length : value, written, 'what was written meanwhile')
      await opened.store.delete(null)
    },
  }
}

function givenUp(type: string, expired: number): DriverTest {
  const kind = type as 'count' | 'series'
  return {
    title: `expiry: ${type}: a sweep that is aborted deletes nothing more once the timeseries is closed`,
    async run(context) {
      const config = { type: kind, intervals: INTERVALS }
      const opened = await context.cells(config)
      const driver = await context.driver(placeOf(config))
      const query = { names: NAMES, interval: 'swept minute', range: { first: ALWAYS, last: NOW_MINUTE } }
      for (const turns of [0, 1, 4]) {
        await opened.store.delete(null)
        for (let from = 0; from < expired; from += 10_000)
          await write(opened, expiredCells(kind, expired).slice(from, from + 10_000))
        const timeseries = createAnyTimeseries(driver, { ...config, now: () => NOW })
        await timeseries.open()
        const abort = new AbortController()
        const sweeping = timeseries.expire(undefined, { signal: abort.signal }).catch(() => null)
        for (let turn = 0; turn < turns; turn++) await setImmediate()
        abort.abort()
        await sweeping
        await timeseries.close()
        const left = (await readCells(opened, query)).size
        for (let look = 0; look < 3; look++) {
          await setImmediate()
          const now = (await readCells(opened, query)).size
          claim(now === left, () => `${left - now} cells more were deleted after the timeseries was closed`)
        }
      }
      await opened.store.delete(null)
    },
  }
}
