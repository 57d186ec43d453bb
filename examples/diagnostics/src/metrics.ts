import { tracingChannel } from 'node:diagnostics_channel'
import type { CallMessage, StoreMessage } from '@kairos/core'
import { Counter, Histogram, type Registry } from 'prom-client'

const nothing = (): void => {}

/** Measures the calls of timeseries, and the attempts of requests to their stores. Returns what ends that. */
export function measureKairos(registry: Registry): () => void {
  const registers = [registry]
  const callTimes = new Histogram({
    name: 'kairos_call_duration_seconds',
    help: 'How long calls of timeseries took.',
    labelNames: ['timeseries', 'operation', 'outcome'],
    registers,
  })
  const cells = new Counter({
    name: 'kairos_cells_total',
    help: 'Cells that calls have written, read or swept.',
    labelNames: ['timeseries', 'operation'],
    registers,
  })
  const attemptTimes = new Histogram({
    name: 'kairos_store_duration_seconds',
    help: 'How long attempts of requests to stores took.',
    labelNames: ['driver', 'operation', 'outcome'],
    registers,
  })
  const retries = new Counter({
    name: 'kairos_store_retries_total',
    help: 'Attempts after the first one.',
    labelNames: ['driver', 'operation'],
    registers,
  })

  const begun = new WeakMap<object, number>()
  const start = (message: object): void => void begun.set(message, performance.now())
  const secondsOf = (message: object): number => (performance.now() - (begun.get(message) ?? performance.now())) / 1_000

  const calls = tracingChannel<unknown, CallMessage>('kairos:call')
  const attempts = tracingChannel<unknown, StoreMessage>('kairos:store')
  const others = { end: nothing, asyncStart: nothing, error: nothing }
  const ofCalls = {
    ...others,
    start,
    asyncEnd(message: CallMessage) {
      const { timeseries = '', operation, outcome = 'failure' } = message
      callTimes.observe({ timeseries, operation, outcome }, secondsOf(message))
      cells.inc({ timeseries, operation }, message.cells)
    },
  }
  const ofAttempts = {
    ...others,
    start,
    asyncEnd(message: StoreMessage) {
      const { driver, operation, outcome = 'failure', attempt } = message
      attemptTimes.observe({ driver, operation, outcome }, secondsOf(message))
      if (attempt > 1) retries.inc({ driver, operation })
    },
  }
  calls.subscribe(ofCalls)
  attempts.subscribe(ofAttempts)
  return () => {
    calls.unsubscribe(ofCalls)
    attempts.unsubscribe(ofAttempts)
  }
}
