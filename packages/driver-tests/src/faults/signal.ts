import type { KairosError } from '@kairos/core'
import type { DriverTest } from '../driver-test.ts'
import { failureOf } from '../internal/agree.ts'
import { claim, same } from '../internal/same.ts'
import { usualConfig } from '../store/cells.ts'
import { NOW } from '../test-context.ts'

/** Each point is one cell in each interval, so that counts and cells are the same numbers: two batches, and in the long size three. */
const INTERVALS = { 'signal minute': { step: 60 }, 'signal hour': { step: 3600, resolution: 60 } }
const POINTS = { short: 6_000, long: 12_500 } as const
/** When the signal aborts, in milliseconds after the call began. */
const DELAYS = { short: [0, 5], long: [0, 1, 5, 20, 50] } as const

export function signalTests(size: 'short' | 'long'): DriverTest[] {
  const [most, delays] = [POINTS[size], DELAYS[size]]
  return [
    {
      types: ['count'],
      title: 'signal: nothing is done if it is aborted before the call',
      async run(context) {
        const { timeseries } = await context.timeseries(usualConfig('count'))
        const name = context.name()
        await timeseries.insert(name)
        const options = { signal: AbortSignal.abort() }
        const calls = {
          insert: timeseries.insert(name, 1, options),
          bulkInsert: timeseries.bulkInsert([{ name }], options),
          get: timeseries.get(name, 'minute', options),
          list: timeseries.list(options),
          delete: timeseries.delete(name, options),
        }
        for (const [call, promise] of Object.entries(calls)) {
          const { stored, maybeApplied } = await failureOf(promise, 'KAIROS_ABORTED', call)
          if (call.endsWith('nsert'))
            same({ stored, maybeApplied }, { stored: 0, maybeApplied: [] }, `what the error of ${call} carries`)
        }
        same([...(await timeseries.get(name, 'minute')).values()], [1], 'the count, after five aborted calls')
        await timeseries.delete(name)
      },
    },
    {
      types: ['count'],
      title: 'signal: a write that is aborted in flight says what was and what may have been stored',
      async run(context) {
        const { timeseries } = await context.emptied({ type: 'count', intervals: INTERVALS })
        for (const delay of delays) {
          const name = context.name()
          const abort = new AbortController()
          const points = Array.from({ length: most }, (_, index) => ({ name, timestamp: NOW + index * 60 }))
          const writing = timeseries.bulkInsert(points, { signal: abort.signal }).then(
            ({ stored }) => ({ stored, maybe: 0, not: 0 }),
            (error: KairosError) => {
              claim(error.code === 'KAIROS_ABORTED', `an aborted write rejects with ${error.code}: ${error.message}`)
              return { stored: error.stored!, maybe: error.maybeApplied!.length, not: error.notApplied!.length }
            },
          )
          setTimeout(() => abort.abort(), delay)
          const { stored, maybe, not } = await writing
          same(stored + maybe + not, 2 * most, 'cells that were, may have been and were not stored')
          let found = 0
          for (const interval of Object.keys(INTERVALS)) {
            const range = { start: NOW, end: NOW + most * 60, collapse: true }
            for (const count of (await timeseries.series(name, interval, range)).values()) found += count as number
          }
          claim(stored <= found, `the error says that ${stored} were stored, and ${found} are`)
          claim(
            found <= stored + maybe,
            `the error says that ${stored} were and ${maybe} may have been stored, and ${found} are`,
          )
          await timeseries.delete(name)
        }
      },
    },
  ]
}
